/** The shared values of the running job on one host. Their arrays lie in memory that all compute threads of the host share. */
import type { ValueFrames } from "../thread/thread-protocol.ts";
import { LentMemory } from "./lent-memory.ts";

export class BlockStore {
  readonly #blocks = new Map<number, { job: number; value: ValueFrames; lent: boolean }>();
  readonly #memory = new LentMemory();
  /** Which blocks each rank's thread has been given. */
  readonly #given = new Map<number, Set<number>>();

  /** Where the arrays of a value go that is lent. */
  get placeOfLent(): (bytes: number) => Uint8Array {
    return this.#memory.place;
  }

  /** @param value its raws lie in shared memory; that of one that is `lent` is used again when its job is over */
  put(job: number, id: number, value: ValueFrames, lent: boolean): void {
    this.#blocks.set(id, { job, value, lent });
  }

  /** Those of these blocks that the rank's thread has not had yet. */
  newFor(rank: number, job: number, ids: readonly number[]): { id: number; value: ValueFrames }[] {
    let given = this.#given.get(rank);
    if (!given) {
      given = new Set();
      this.#given.set(rank, given);
    }
    const out = [];
    for (const id of ids) {
      const block = this.#blocks.get(id);
      if (!block || block.job !== job || given.has(id)) continue;
      given.add(id);
      out.push({ id, value: block.value });
    }
    return out;
  }

  /** True when the rank's thread holds shared values of the running job. */
  wereGiven(rank: number): boolean {
    return (this.#given.get(rank)?.size ?? 0) > 0;
  }

  /** A new thread knows nothing. */
  threadLost(rank: number): void {
    this.#given.delete(rank);
  }

  /** The job is over, and no thread computes for it any more. */
  forget(job: number): void {
    const lent: Uint8Array[] = [];
    for (const [id, block] of this.#blocks) {
      if (block.job > job) continue;
      this.#blocks.delete(id);
      if (block.lent) lent.push(...block.value.raws);
    }
    if (lent.length > 0) this.#memory.giveBack(lent);
    this.#given.clear();
  }

  close(): void {
    this.#memory.clear();
  }
}
