/**
 * How one job ends: with a value, by an error, or by a cancel. The first outcome counts, and what comes after it changes nothing.
 * The user's promise settles with it later, when every rank is idle.
 */
import { JobCancelledError } from "../errors.ts";

export class JobOutcome<Result> {
  /** Settles with `settle`. */
  readonly result: Promise<Result>;
  /** The job's id. */
  readonly #job: string;
  #decided: { readonly value: unknown } | { readonly error: unknown } | undefined;
  #forced = false;
  #resolve!: (result: unknown) => void;
  #reject!: (error: unknown) => void;

  constructor(job: string) {
    this.#job = job;
    this.result = new Promise<Result>((resolve, reject) => {
      this.#resolve = resolve as (result: unknown) => void;
      this.#reject = reject;
    });
  }

  get isDecided(): boolean {
    return this.#decided !== undefined;
  }

  /** Undefined while it is open, and for a value. */
  get error(): unknown {
    return this.#decided && "error" in this.#decided ? this.#decided.error : undefined;
  }

  /** True when this is the first outcome; so with `fail` and `cancel`. */
  succeed(value: unknown): boolean {
    return this.#decide({ value });
  }

  fail(error: unknown): boolean {
    return this.#decide({ error });
  }

  /** @param cause what the signal was aborted with, if one was */
  cancel(reason: string, cause?: unknown): boolean {
    if (!this.#decide({ error: new JobCancelledError(this.#cancelText(reason, []), { reason, cause }) })) return false;
    this.result.catch(() => {}); // who cancels a job knows that it has no result
    return true;
  }

  /** Kernels were not given time to stop by themselves. */
  force(): void {
    this.#forced = true;
  }

  /** @param forcedRanks those that did not stop by themselves */
  settle(forcedRanks: readonly number[]): void {
    const decided = this.#decided;
    if (decided && "value" in decided) return this.#resolve(decided.value);
    const error = decided?.error;
    if (!(error instanceof JobCancelledError) || forcedRanks.length === 0) return this.#reject(error);
    const { reason, cause } = error;
    this.#reject(new JobCancelledError(this.#cancelText(reason, forcedRanks), { reason, forcedRanks, cause }));
  }

  #decide(outcome: { value: unknown } | { error: unknown }): boolean {
    if (this.#decided) return false;
    this.#decided = outcome;
    return true;
  }

  #cancelText(reason: string, forcedRanks: readonly number[]): string {
    const text = `job ${this.#job} was cancelled: ${reason}.`;
    if (forcedRanks.length === 0) return text;
    const who = forcedRanks.length === 1 ? `rank ${forcedRanks[0]}` : `ranks ${forcedRanks.join(", ")}`;
    if (this.#forced) return `${text} It was forced: ${who} lost the compute thread.`;
    return `${text} It was forced: ${who} did not stop within the grace and lost the compute thread. Look at cancelRequested() in the kernel about once a millisecond.`;
  }
}
