/**
 * Runs the algorithms of all ranks against each other in one thread, in an order drawn from a seed, and counts what they send.
 * Strict where a real driver may be lenient: a deadlock, a message that nobody receives and a truncation are errors.
 */

import type { Limits } from "../../src/comm/choice.ts";
import type { Algorithm, Data, Given, Place, Step } from "../../src/comm/steps.ts";
import { bytesOf, viewNameOf, viewOver } from "../../src/wire/typed-arrays.ts";
import { numbers } from "./arrays.ts";

export interface Traffic {
  messages: number;
  bytes: number;
  crossMessages: number;
  /** Raw bytes that crossed hosts; boxed values count as nothing here. */
  crossBytes: number;
  /** Boxed values that crossed hosts. */
  crossValues: number;
}

/** The limits under which tests run: a few elements instead of many thousands. */
export const SMALL_LIMITS: Limits = {
  bcastBytes: 512,
  pieceBytes: 128,
  reduceBytes: 64,
  allgatherBytes: 256,
  directBytes: 64,
  starRanks: 4,
  scanBytes: 64,
};

export interface Options {
  readonly seed?: number;
  /** When a send is done: when its data were received, or at once (they are copied). */
  readonly sends?: "rendezvous" | "buffered";
  /** Default: small ones, so that small arrays reach every algorithm. */
  readonly limits?: Limits;
}

interface Sending {
  readonly data: Data;
  readonly done: (() => void) | undefined;
}
interface Receiving {
  readonly into: ArrayBufferView | undefined;
  readonly done: (given: Data) => void;
}
interface Channel {
  readonly sends: Sending[];
  readonly receives: Receiving[];
}

/** What every rank returned, and what was sent. `hosts` is the host of each rank. */
export function simulate<Result>(
  hosts: readonly number[],
  algorithmOf: (place: Place) => Algorithm<Result>,
  options: Options = {},
): { results: Result[]; traffic: Traffic } {
  return new Simulation(hosts, options).run(algorithmOf);
}

class Simulation {
  readonly traffic: Traffic = { messages: 0, bytes: 0, crossMessages: 0, crossBytes: 0, crossValues: 0 };
  readonly #hosts: readonly number[];
  readonly #buffered: boolean;
  readonly #random: () => number;
  readonly #limits: Limits;
  readonly #channels = new Map<string, Channel>();
  /** What can happen next; one of them is drawn. */
  readonly #ready: (() => void)[] = [];
  readonly #waits = new Map<number, Step>();

  constructor(hosts: readonly number[], { seed = 1, sends = "rendezvous", limits = SMALL_LIMITS }: Options) {
    this.#limits = limits;
    this.#hosts = hosts;
    this.#buffered = sends === "buffered";
    this.#random = numbers(seed);
  }

  run<Result>(algorithmOf: (place: Place) => Algorithm<Result>): { results: Result[]; traffic: Traffic } {
    const size = this.#hosts.length;
    const results: Result[] = new Array(size);
    let running = size;
    for (let rank = 0; rank < size; rank++) {
      const algorithm = algorithmOf({ rank, size, hosts: this.#hosts, limits: this.#limits });
      const resume = (given: Given) => {
        this.#waits.delete(rank);
        const next = algorithm.next(given);
        if (next.done) {
          results[rank] = next.value;
          running--;
        } else {
          this.#waits.set(rank, next.value);
          this.#start(rank, next.value, (value) => this.#ready.push(() => resume(value)));
        }
      };
      this.#ready.push(() => resume(undefined));
    }
    while (this.#ready.length > 0) this.#ready.splice(this.#random() % this.#ready.length, 1)[0]!();
    if (running > 0) throw new Error(`deadlock: ${[...this.#waits].map(described).join("; ")}`);
    for (const [name, { sends }] of this.#channels)
      if (sends.length > 0) throw new Error(`${sends.length} messages ${name} were never received`);
    return { results, traffic: this.traffic };
  }

  #start(rank: number, step: Step, done: (given: Given) => void): void {
    switch (step.do) {
      case "send":
        return this.#send(rank, step.to, step.data, () => done(undefined));
      case "recv":
        this.#channel(step.from, rank).receives.push({ into: step.into, done });
        return this.#meet(step.from, rank);
      case "all": {
        if (step.steps.length === 0) throw new Error("an empty `all`");
        const given: Given[] = new Array(step.steps.length);
        let open = step.steps.length;
        for (const [i, inner] of step.steps.entries())
          this.#start(rank, inner, (value) => {
            given[i] = value;
            if (--open === 0) done(given);
          });
      }
    }
  }

  #send(from: number, to: number, data: Data, done: () => void): void {
    if (to === from || !(to >= 0 && to < this.#hosts.length)) throw new Error(`rank ${from} sends to rank ${to}`);
    this.#count(from, to, data);
    this.#channel(from, to).sends.push(this.#buffered ? { data: copied(data), done: undefined } : { data, done });
    if (this.#buffered) done();
    this.#meet(from, to);
  }

  /** The first send and the first receive of a pair belong together; when they meet is drawn. */
  #meet(from: number, to: number): void {
    const { sends, receives } = this.#channel(from, to);
    if (sends.length === 0 || receives.length === 0) return;
    const sending = sends.shift()!;
    const receiving = receives.shift()!;
    this.#ready.push(() => {
      receiving.done(delivered(sending.data, receiving.into));
      sending.done?.();
    });
  }

  #channel(from: number, to: number): Channel {
    const name = `from ${from} to ${to}`;
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = { sends: [], receives: [] };
      this.#channels.set(name, channel);
    }
    return channel;
  }

  #count(from: number, to: number, data: Data): void {
    const bytes = ArrayBuffer.isView(data) ? data.byteLength : 0;
    this.traffic.messages++;
    this.traffic.bytes += bytes;
    if (this.#hosts[from] === this.#hosts[to]) return;
    this.traffic.crossMessages++;
    this.traffic.crossBytes += bytes;
    if (!ArrayBuffer.isView(data)) this.traffic.crossValues++;
  }
}

function delivered(data: Data, into: ArrayBufferView | undefined): Data {
  if (!ArrayBuffer.isView(data) || into === undefined) return copied(data);
  if (data.byteLength > into.byteLength)
    throw new Error(`truncated: ${data.byteLength} bytes for a buffer of ${into.byteLength}`);
  bytesOf(into).set(bytesOf(data));
  if (data.byteLength === into.byteLength) return into;
  return viewOver(viewNameOf(into)!, bytesOf(into).subarray(0, data.byteLength));
}

function copied(data: Data): Data {
  return ArrayBuffer.isView(data) ? viewOver(viewNameOf(data)!, new Uint8Array(bytesOf(data))) : structuredClone(data);
}

function described([rank, step]: [number, Step]): string {
  return `rank ${rank} waits for ${JSON.stringify(step, (key, value) => (key === "data" || key === "into" ? undefined : value))}`;
}
