/** Runs the parts of one request through a kernel and posts the partials, several small ones together. */
import type { Kernel, RankContext } from "../kernels/define-kernel.ts";
import { isGiven } from "../kernels/share.ts";
import { flushMs } from "../pace.ts";
import { errorToRecord } from "../wire/error-codec.ts";
import { ListEncoder } from "../wire/value-codec.ts";
import type { RankMemory } from "./rank-memory.ts";
import { type FromThread, transferOf } from "./thread-protocol.ts";

interface Surroundings {
  readonly memory: RankMemory;
  readonly context: RankContext;
  cancelRequested(): boolean;
  /** Resolves when all that the kernel sent to other ranks has left. */
  flush(): Promise<void>;
  post(message: FromThread, transfer: readonly ArrayBuffer[]): void;
}

export class PartRunner {
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Computes the parts in order; posts exactly one end: the last partials, a failure, or that it stopped. */
  async run(kernel: Kernel<unknown>, job: number, parts: readonly unknown[]): Promise<void> {
    const flushAfterMs = flushMs(this.#around.context.size);
    let collected = new ListEncoder(isGiven);
    let since = performance.now();
    for (let i = 0; i < parts.length; i++) {
      if (this.#around.cancelRequested()) return this.#postStopped(job);
      try {
        const partial = kernel.compute(parts[i], this.#around.context);
        // Taken as it is now: the kernel may use its arrays for the next part (and WASM memory can't be handed over).
        collected.add(isThenable(partial) ? await partial : partial);
        if (kernel.together) await this.#around.flush();
      } catch (error) {
        return this.#postFailure(job, i, error);
      }
      this.#around.memory.closePart();
      const now = performance.now();
      const last = i + 1 === parts.length;
      if (!last && now - since < flushAfterMs) continue;
      if (this.#around.cancelRequested()) return this.#postStopped(job);
      this.#postPartials(job, i + 1, collected, last, now - since);
      if (last) return;
      collected = new ListEncoder(isGiven);
      since = now;
    }
  }

  /** The kernel ends its thread in its only part: what it gives is taken at once. */
  leave(job: number, partial: unknown): void {
    const partials = new ListEncoder(isGiven);
    partials.add(partial);
    this.#postPartials(job, 1, partials, true, 0);
  }

  #postPartials(job: number, end: number, partials: ListEncoder, last: boolean, computeMs: number): void {
    const values = partials.finish();
    const { length: count } = partials;
    const first = end - count;
    this.#post({ kind: "Response", job, what: "partials", values, first, count, last, computeMs }, transferOf(values));
  }

  /** What a kernel throws while it is being cancelled is its way to stop. */
  #postFailure(job: number, part: number, error: unknown): void {
    if (this.#around.cancelRequested()) this.#postStopped(job);
    else this.#post({ kind: "Response", job, what: "failed", part, error: errorToRecord(error) });
  }

  #postStopped(job: number): void {
    this.#post({ kind: "Response", job, what: "stopped" });
  }

  #post(message: FromThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#around.post(message, transfer);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
