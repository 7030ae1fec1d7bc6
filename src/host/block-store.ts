/** The shared values of the running job on one host. Their arrays lie in memory that all compute threads of the host share. */
import type { ValueFrames } from "../thread/thread-protocol.ts";

export class BlockStore {
  readonly #blocks = new Map<number, { job: number; value: ValueFrames }>();
  /** Which blocks each rank's thread has been given. */
  readonly #given = new Map<number, Set<number>>();

  /** @param value its raws lie in shared memory */
  put(job: number, id: number, value: ValueFrames): void {
    this.#blocks.set(id, { job, value });
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

  forget(job: number): void {
    for (const [id, block] of this.#blocks) if (block.job <= job) this.#blocks.delete(id);
    this.#given.clear();
  }
}
