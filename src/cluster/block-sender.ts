/** Sends each shared value of a job to each host once, before the first part that holds it. */
import { describeFunction } from "../functions/portable.ts";
import { isLent, isShared } from "../kernels/share.ts";
import { type EncodedValue, encodeValue } from "../wire/value-codec.ts";
import type { Star } from "./star.ts";

export class BlockSender {
  readonly #star: Star;
  readonly #job: number;
  readonly #ids = new Map<object, number>();
  readonly #sent = new Map<string, Set<number>>();

  constructor(star: Star, job: number) {
    this.#star = star;
    this.#job = job;
  }

  /** A value for this host; what it shares with others has been sent when this returns. `blocks` are those it holds. */
  encodeFor(host: string, value: unknown): { encoded: EncodedValue; blocks: number[] } {
    const blocks = new Set<number>();
    const encoded = encodeValue(value, {
      describeFunction,
      blockOf: (candidate) => {
        if (!isShared(candidate)) return undefined;
        const id = this.#idOf(candidate);
        blocks.add(id);
        this.#sendOnce(host, id, candidate);
        return id;
      },
    });
    return { encoded, blocks: [...blocks] };
  }

  #idOf(value: object): number {
    let id = this.#ids.get(value);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(value, id);
    }
    return id;
  }

  #sendOnce(host: string, id: number, value: object): void {
    let sent = this.#sent.get(host);
    if (!sent) {
      sent = new Set();
      this.#sent.set(host, sent);
    }
    if (sent.has(id)) return;
    // The outermost value is encoded in place; a shared value inside a shared value is too.
    const encoded = encodeValue(value, { describeFunction, blockOf: () => undefined });
    sent.add(id);
    this.#star.send(host, { kind: "Block", job: this.#job, block: id, lent: isLent(value) }, encoded);
  }
}
