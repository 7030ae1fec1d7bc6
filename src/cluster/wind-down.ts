/** The end of a job on all hosts: tells them, and waits until each has confirmed that its ranks are idle, or is lost. */
import type { Star } from "./star.ts";

/** Of the reason that hosts are told, in characters; the driver keeps it whole. */
const longestReason = 1000;

export class WindDown {
  readonly #star: Star;
  readonly #job: number;
  readonly #waitingFor: Set<string>;
  readonly #forced: number[] = [];
  readonly #done: () => void;
  /** Resolves when every live host has confirmed. */
  readonly finished: Promise<void>;

  /** @param cancel the reason for which what still runs is to stop; undefined when nothing runs any more */
  constructor(star: Star, job: number, cancel: { reason: string; force: boolean } | undefined) {
    this.#star = star;
    this.#job = job;
    this.#waitingFor = new Set(star.liveHosts());
    let done = () => {};
    this.finished = new Promise((resolve) => {
      done = resolve;
    });
    this.#done = done;
    for (const host of this.#waitingFor) {
      if (cancel) this.#cancel(host, cancel.reason, cancel.force);
      else star.send(host, { kind: "Finish", job });
    }
    this.#check();
  }

  /** Ranks that did not stop by themselves. */
  get forcedRanks(): readonly number[] {
    return [...this.#forced].sort((a, b) => a - b);
  }

  /** Waits no longer for kernels to stop by themselves. */
  force(reason: string): void {
    for (const host of this.#waitingFor) this.#cancel(host, reason, true);
  }

  stopped(host: string, forced: readonly number[]): void {
    for (const rank of forced) this.#forced.push(rank);
    this.hostGone(host);
  }

  hostGone(host: string): void {
    this.#waitingFor.delete(host);
    this.#check();
  }

  #cancel(host: string, reason: string, force: boolean): void {
    this.#star.send(host, { kind: "Cancel", job: this.#job, reason: reason.slice(0, longestReason), force });
  }

  #check(): void {
    if (this.#waitingFor.size === 0) this.#done();
  }
}
