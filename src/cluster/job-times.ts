/** When a job began and ended, and how long its machine was in each state. */
import type { JobStateName } from "../actors/job-machine.ts";

export class JobTimes {
  readonly #inState: Partial<Record<JobStateName, number>> = {};
  readonly #now: () => number;
  #state: JobStateName = "idle";
  #sinceMs: number;
  #startedMs: number | undefined;
  #endedMs: number | undefined;

  /** @param now in ms, from any zero */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#sinceMs = now();
  }

  get hasBegun(): boolean {
    return this.#startedMs !== undefined;
  }

  /** 0 for a job that has not begun. */
  get elapsedMs(): number {
    return this.#startedMs === undefined ? 0 : (this.#endedMs ?? this.#now()) - this.#startedMs;
  }

  /** ms in each state that it has left. */
  get inState(): Partial<Record<JobStateName, number>> {
    return { ...this.#inState };
  }

  /** The cluster is its own now. @returns the moment */
  begin(): number {
    this.#startedMs = this.#now();
    return this.#startedMs;
  }

  entered(state: JobStateName): void {
    if (state === this.#state) return;
    this.#count();
    this.#state = state;
  }

  /** It has settled. */
  end(): void {
    this.#count();
    this.#endedMs = this.#now();
  }

  #count(): void {
    const now = this.#now();
    this.#inState[this.#state] = (this.#inState[this.#state] ?? 0) + now - this.#sinceMs;
    this.#sinceMs = now;
  }
}
