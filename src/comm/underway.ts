/**
 * What requests of messages wait for. Classes, and words only when somebody asks for them: making these is a good part of what a
 * small message costs.
 */
import type { Envelope } from "./device/fragment.ts";
import { dataOf } from "./device/payload.ts";
import type { Selector } from "./matching.ts";
import type { Operation, Received } from "./operation.ts";
import type { Pending } from "./request.ts";
import type { Wait } from "./wait-for.ts";

/** A send or a receive between this rank and another. */
export class Transfer implements Operation {
  outcome: Operation["outcome"] = undefined;
  cancel: (() => boolean) | undefined = undefined;
  readonly #needs: "receiver" | "message";
  readonly #other: Selector;

  /**
   * @param needs what it waits for: a send for its receiver, a receive for its message
   * @param other the rank at the other end, as `source`, and the message's tag
   */
  constructor(needs: "receiver" | "message", other: Selector) {
    this.#needs = needs;
    this.#other = other;
  }

  get what(): string {
    const { source, tag } = this.#other;
    const verb = this.#needs === "receiver" ? "send to" : "recv from";
    return `${verb} ${source < 0 ? "any rank" : `rank ${source}`}, ${tag < 0 ? "any tag" : `tag ${tag}`}`;
  }

  get wait(): Wait {
    return { ...messageWait(this.#other), for: this.#needs };
  }
}

/** What `recv` or `probe` waits for. */
export function messageWait({ context, source, tag }: Selector): Wait {
  return { for: "message", peers: source < 0 ? [] : [source], tag: tag < 0 ? null : tag, context, name: "" };
}

/** A message that is there. Its data is made of its bytes when it is asked for. */
export class ReceivedMessage implements Received {
  readonly #envelope: Envelope;
  readonly #bytes: Uint8Array;

  constructor(envelope: Envelope, bytes: Uint8Array) {
    this.#envelope = envelope;
    this.#bytes = bytes;
  }

  get data(): unknown {
    return dataOf(this.#envelope.type, this.#bytes);
  }
  get source(): number {
    return this.#envelope.source;
  }
  get tag(): number {
    return this.#envelope.tag;
  }
  get bytes(): number {
    return this.#envelope.bytes;
  }
  get type(): number {
    return this.#envelope.type;
  }
}

/** An operation with what its request gives. */
export class Underway<Result> implements Pending<Result> {
  readonly #operation: Operation;
  readonly #give: (received: Received | undefined) => Result;

  constructor(operation: Operation, give: (received: Received | undefined) => Result) {
    this.#operation = operation;
    this.#give = give;
  }

  get what(): string {
    return this.#operation.what;
  }
  get isOver(): boolean {
    return this.#operation.outcome !== undefined;
  }
  get hasFailed(): boolean {
    const { outcome } = this.#operation;
    return outcome !== undefined && "error" in outcome;
  }
  waits(): Wait[] {
    return [this.#operation.wait];
  }
  result(): Result {
    const outcome = this.#operation.outcome!;
    if ("error" in outcome) throw outcome.error;
    return this.#give(outcome.received);
  }
  cancel(): boolean {
    return this.#operation.cancel?.() ?? false;
  }
}
