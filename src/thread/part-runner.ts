/** Runs the parts of one request through a kernel and posts the partials, several small ones together. */
import type { Kernel, RankContext } from "../kernels/define-kernel.ts";
import { errorToRecord } from "../wire/error-codec.ts";
import { encodeValue } from "../wire/value-codec.ts";
import type { RankMemory } from "./rank-memory.ts";
import { type FromThread, transferOf, type ValueFrames } from "./thread-protocol.ts";

/** Partials wait for each other at most this long, in ms: an early exit must not wait for a whole batch. */
const flushAfterMs = 2;

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
    let collected: unknown[] = [];
    let since = performance.now();
    for (let i = 0; i < parts.length; i++) {
      if (this.#around.cancelRequested()) return this.#postStopped(job);
      try {
        const partial = kernel.compute(parts[i], this.#around.context);
        collected.push(isThenable(partial) ? await partial : partial);
        if (kernel.together) await this.#around.flush();
      } catch (error) {
        return this.#postFailure(job, i, error);
      }
      this.#around.memory.closePart();
      const now = performance.now();
      const last = i + 1 === parts.length;
      if (!last && now - since < flushAfterMs) continue;
      if (this.#around.cancelRequested()) return this.#postStopped(job);
      if (!this.#postPartials(job, i + 1, collected, last, now - since)) return;
      collected = [];
      since = now;
    }
  }

  /** False when the partials can't travel, which has been reported then. */
  #postPartials(job: number, end: number, partials: readonly unknown[], last: boolean, computeMs: number): boolean {
    const first = end - partials.length;
    try {
      const values = ownFrames(encodeValue(partials));
      const message: FromThread = {
        kind: "Response",
        job,
        what: "partials",
        values,
        first,
        count: partials.length,
        last,
        computeMs,
      };
      this.#post(message, transferOf(values));
      return true;
    } catch (error) {
      this.#postFailure(job, end - 1, error);
      return false;
    }
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

/** The kernel may go on using its arrays (and WASM memory can't be handed over), so the bytes are copied once, here. */
function ownFrames({ head, raws }: ValueFrames): ValueFrames {
  return { head, raws: raws.map((raw) => new Uint8Array(raw)) };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
