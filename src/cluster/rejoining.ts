/** Lost hosts that are being brought up again, each once at a time, while jobs go on without them. */
import type { HostEntry } from "./host-entry.ts";

interface RejoiningSurroundings {
  bringUp(entry: HostEntry, signal: AbortSignal): Promise<void>;
  isUp(entry: HostEntry): void;
  failed(entry: HostEntry, error: unknown): Promise<void>;
}

export class Rejoining {
  readonly #around: RejoiningSurroundings;
  /** By the index of the host. */
  readonly #underWay = new Map<number, { readonly abort: AbortController; readonly done: Promise<void> }>();

  constructor(around: RejoiningSurroundings) {
    this.#around = around;
  }

  isUnderWay(index: number): boolean {
    return this.#underWay.has(index);
  }

  /** @param entry the host's new process */
  start(entry: HostEntry): void {
    const abort = new AbortController();
    const done = this.#around
      .bringUp(entry, abort.signal)
      .then(
        () => this.#around.isUp(entry),
        (error: unknown) => this.#around.failed(entry, error),
      )
      .finally(() => this.#underWay.delete(entry.index));
    this.#underWay.set(entry.index, { abort, done });
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    for (const { abort } of this.#underWay.values()) abort.abort(new Error("the cluster was closed"));
    await Promise.allSettled([...this.#underWay.values()].map(({ done }) => done));
  }
}
