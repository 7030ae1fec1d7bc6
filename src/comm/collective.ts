/**
 * Runs one collective on this rank: takes the steps of its algorithm, one after the other, and does each by messages. It
 * advances whenever its rank makes progress, so one and the same run serves blocking, asynchronous and background calls.
 */
import { UsageError } from "../errors.ts";
import { boxedPayload, type Payload, payloadOf, valueType } from "./device/payload.ts";
import type { Messenger } from "./messenger.ts";
import type { Operation } from "./operation.ts";
import { type Pending, Request } from "./request.ts";
import { type Algorithm, type Data, type Given, isBoxed, type Step } from "./steps.ts";
import type { Wait } from "./wait-for.ts";

/** Where its messages travel: apart from all others, among the members of a communicator. */
export interface Channel {
  readonly context: number;
  /** The number of this call: all ranks call the collectives of a communicator in the same order. */
  readonly call: number;
  /** Of this call's messages. */
  readonly tag: number;
  /** The job's rank of each member. */
  readonly members: readonly number[];
}

/** A step under way. */
interface Running {
  readonly operations: readonly Operation[];
  give(): Given;
}

/** Starts a collective; its request gives what `give` makes of the algorithm's result. */
export function startCollective<Given, Result>(
  what: string,
  messenger: Messenger,
  channel: Channel,
  algorithm: Algorithm<Given>,
  give: (given: Given) => Result,
): Request<Result> {
  return new Request(messenger, new Collective(what, messenger, channel, finished(algorithm, give)));
}

/** What comes after the algorithm is done once, when it ends, whenever somebody looks. */
function* finished<Given, Result>(algorithm: Algorithm<Given>, give: (given: Given) => Result): Algorithm<Result> {
  return give(yield* algorithm);
}

class Collective<Result> implements Pending<Result> {
  readonly what: string;
  readonly #messenger: Messenger;
  readonly #channel: Channel;
  readonly #algorithm: Algorithm<Result>;
  #running: Running | undefined;
  #outcome: { readonly result: Result } | { readonly error: unknown } | undefined;

  constructor(what: string, messenger: Messenger, channel: Channel, algorithm: Algorithm<Result>) {
    this.what = what;
    this.#messenger = messenger;
    this.#channel = channel;
    this.#algorithm = algorithm;
    this.#resume(() => this.#algorithm.next(undefined));
    if (!this.advance()) messenger.advanceWithProgress(this);
  }

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  get hasFailed(): boolean {
    return this.#outcome !== undefined && "error" in this.#outcome;
  }

  result(): Result {
    if (this.#outcome && "result" in this.#outcome) return this.#outcome.result;
    throw this.#outcome?.error;
  }

  /** @throws UsageError */
  cancel(): boolean {
    throw new UsageError(`${this.what} can't be cancelled: other ranks may have done their part of it.`);
  }

  /** Whom this rank needs for its next step. */
  waits(): readonly Wait[] {
    const open = this.#running?.operations.filter(({ outcome }) => outcome === undefined) ?? [];
    const peers = [...new Set(open.flatMap(({ wait }) => wait.peers))];
    const { call: tag, context } = this.#channel;
    return [{ for: "collective", peers, tag, context, name: this.what }];
  }

  /** Goes on as far as what has arrived allows. True when it is over. */
  advance(): boolean {
    for (let running = this.#running; running && !this.isOver; running = this.#running) {
      if (running.operations.some(({ outcome }) => outcome === undefined)) return false;
      this.#resume(() => this.#next(running));
    }
    return true;
  }

  #next({ operations, give }: Running): IteratorResult<Step, Result> {
    for (const { outcome } of operations)
      if (outcome && "error" in outcome) return this.#algorithm.throw(outcome.error);
    return this.#algorithm.next(give());
  }

  #resume(step: () => IteratorResult<Step, Result>): void {
    try {
      const { done, value } = step();
      if (done) this.#outcome = { result: value };
      else this.#running = this.#start(value);
    } catch (error) {
      this.#outcome = { error };
    }
  }

  #start(step: Step): Running {
    const { context, tag, members } = this.#channel;
    switch (step.do) {
      case "send": {
        const operation = this.#messenger.send(members[step.to], context, tag, payloadFor(step.data), false);
        return { operations: [operation], give: () => undefined };
      }
      case "recv": {
        const into = step.into && new Uint8Array(step.into.buffer, step.into.byteOffset, step.into.byteLength);
        const operation = this.#messenger.receive({ context, source: members[step.from], tag }, into);
        return { operations: [operation], give: () => givenBy(operation) };
      }
      case "all": {
        const inner = step.steps.map((each) => this.#start(each));
        return {
          operations: inner.flatMap(({ operations }) => operations),
          give: () => inner.map(({ give }) => give()),
        };
      }
    }
  }
}

function payloadFor(data: Data): Payload {
  return isBoxed(data) ? boxedPayload(data.value) : payloadOf(data);
}

function givenBy({ outcome }: Operation): Data | undefined {
  if (!outcome || "error" in outcome || !outcome.received) return undefined;
  const { data, type } = outcome.received;
  return type === valueType ? { value: data } : (data as ArrayBufferView);
}
