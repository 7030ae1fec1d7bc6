/** The window's memory of one rank, as another reaches it: directly on the own host, by its server on another. */

import { bytesOf } from "../../wire/typed-arrays.ts";
import { boxedPayload, payloadOf } from "../device/payload.ts";
import type { Messenger } from "../messenger.ts";
import type { Operation } from "../operation.ts";
import type { Op } from "../ops.ts";
import type { Pending } from "../request.ts";
import type { Wait } from "../wait-for.ts";
import { type Access, dataTag, firstAnswerTag, headTag, serviceContext } from "./access.ts";
import type { ExposedMemory, WindowArray } from "./window-memory.ts";

/** All checked: ranges, types, epochs. */
export interface Target {
  put(data: WindowArray, offset: number): Pending<void>;
  get(offset: number, into: WindowArray): Pending<void>;
  /** @param before gets what was there */
  accumulate(op: Op, data: WindowArray, offset: number, before?: WindowArray): Pending<void>;
  /** @param pair what is expected and what is to be put there; `before` has one element */
  compareAndSwap(pair: WindowArray, offset: number, before: WindowArray): Pending<void>;
  lock(exclusive: boolean): Pending<void>;
  /** All that was done is done there, too, when this is over. */
  unlock(exclusive: boolean): Pending<void>;
  flush(): Pending<void>;
}

/** Of a rank of the own host. */
export class LocalTarget implements Target {
  readonly #memory: ExposedMemory;
  readonly #messenger: Messenger;
  readonly #name: string;

  constructor(memory: ExposedMemory, messenger: Messenger, name: string) {
    this.#memory = memory;
    this.#messenger = messenger;
    this.#name = name;
  }

  put(data: WindowArray, offset: number): Pending<void> {
    this.#memory.part(offset, data.length).set(data as never);
    return done;
  }

  get(offset: number, into: WindowArray): Pending<void> {
    into.set(this.#memory.part(offset, into.length) as never);
    return done;
  }

  accumulate(op: Op, data: WindowArray, offset: number, before?: WindowArray): Pending<void> {
    this.#memory.accumulate(op, data, offset, before);
    return done;
  }

  compareAndSwap(pair: WindowArray, offset: number, before: WindowArray): Pending<void> {
    before[0] = this.#memory.compareAndSwap(pair[0]!, pair[1]!, offset) as never;
    return done;
  }

  lock(exclusive: boolean): Pending<void> {
    const memory = this.#memory;
    let has = memory.tryLock(exclusive);
    if (has) return done;
    if (exclusive) memory.want(true);
    return pending(
      `lock of ${this.#name}`,
      () => {
        if (has || !memory.tryLock(exclusive)) return has;
        if (exclusive) memory.want(false);
        has = true;
        return has;
      },
      () => [{ for: "lock", peers: [], tag: null, context: 0, name: this.#name }],
    );
  }

  unlock(exclusive: boolean): Pending<void> {
    this.#memory.unlock(exclusive);
    this.#messenger.ringHost(); // whoever waits for the lock looks again
    return done;
  }

  flush(): Pending<void> {
    return done;
  }
}

/** Of a rank of another host. Requests of one rank to one server are served in their order. */
export class RemoteTarget implements Target {
  readonly #messenger: Messenger;
  readonly #server: number;
  readonly #address: { readonly window: number; readonly target: number };
  readonly #name: string;

  constructor(messenger: Messenger, server: number, window: number, target: number, name: string) {
    this.#messenger = messenger;
    this.#server = server;
    this.#address = { window, target };
    this.#name = name;
  }

  put(data: WindowArray, offset: number): Pending<void> {
    return this.#ask({ do: "put", offset, count: data.length }, data);
  }

  get(offset: number, into: WindowArray): Pending<void> {
    return this.#ask({ do: "get", offset, count: into.length }, undefined, into);
  }

  accumulate(op: Op, data: WindowArray, offset: number, before?: WindowArray): Pending<void> {
    return this.#ask({ do: "accumulate", op: op.name, offset, count: data.length }, data, before);
  }

  compareAndSwap(pair: WindowArray, offset: number, before: WindowArray): Pending<void> {
    return this.#ask({ do: "swap", offset }, pair, before);
  }

  lock(exclusive: boolean): Pending<void> {
    return this.#ask({ do: "lock", exclusive }, undefined, nothing);
  }

  unlock(exclusive: boolean): Pending<void> {
    return this.#ask({ do: "unlock", exclusive }, undefined, nothing);
  }

  flush(): Pending<void> {
    return this.#ask({ do: "flush" }, undefined, nothing);
  }

  /** @param answer where the answer goes; undefined: none is asked for */
  #ask(what: Asked, data: WindowArray | undefined, answer?: WindowArray): Pending<void> {
    const operations: Operation[] = [];
    const tag = answer ? nextAnswerTag() : 0;
    const wanted = { context: serviceContext, source: this.#server, tag };
    if (answer) operations.push(this.#messenger.receive(wanted, bytesOf(answer)));
    const head = { ...this.#address, ...what, answer: tag } as Access;
    operations.push(this.#messenger.send(this.#server, serviceContext, headTag, boxedPayload(head), false));
    if (data) operations.push(this.#messenger.send(this.#server, serviceContext, dataTag, payloadOf(data), false));
    return pending(
      `${what.do} in ${this.#name}`,
      () => operations.every(({ outcome }) => outcome !== undefined),
      () => [{ for: "lock", peers: [], tag: null, context: 0, name: this.#name }],
      () => operations.find(({ outcome }) => outcome && "error" in outcome),
    );
  }
}

/** A request without its address. */
type Asked = Access extends infer Each
  ? Each extends Access
    ? Omit<Each, "window" | "target" | "answer">
    : never
  : never;

const nothing = new Uint8Array(0);
let answers = 0;

function nextAnswerTag(): number {
  answers = (answers + 1) % 0x40000000;
  return firstAnswerTag + answers;
}

function pending(
  what: string,
  isOver: () => boolean,
  waits: () => readonly Wait[],
  failed: () => Operation | undefined = () => undefined,
): Pending<void> {
  return {
    what,
    waits,
    get isOver() {
      return isOver();
    },
    get hasFailed() {
      return failed() !== undefined;
    },
    result() {
      const outcome = failed()?.outcome;
      if (outcome && "error" in outcome) throw outcome.error;
    },
    cancel: () => false,
  };
}

const done: Pending<void> = pending(
  "an access to memory of the own host",
  () => true,
  () => [],
);
