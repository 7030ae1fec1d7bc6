/**
 * How long a rank looks for mail before it sleeps. To sleep and to be woken takes about 50 µs, and two ranks that answer each other must look
 * for longer than that: else, once one of them has slept, both sleep at every message. But who spins uses up the time that
 * others may need for what he waits for. So a rank looks for longer where each has a core of its own, or where it can give its core
 * to others between two looks, until that is in vain too often.
 *
 * Who yields to one that computes gets the core back when that one's slice is over, after some milliseconds, while who sleeps is put before
 * it when his message comes. So yields that last are allowed for a small part of the time only; beyond that a rank sleeps.
 */
import type { CoreYield } from "./core-yield.ts";

/** Longer than it takes to wake the one that is waited for, in ms. */
const longMs = 0.15;
/** Where cores are lacking, in ms: an answer that comes at once takes a few microseconds. */
const shortMs = 0.02;
/** So many more in vain than not, and the next are short. */
const patientFor = 16;
/** How many are short then, at first and at most. */
const fewShort = 16;
const mostShort = 1024;
/** So many sleeps cost as much as learning to yield. */
const sleepsBeforeYield = 100;
/** A yield of more ms than this was to somebody who computes. */
const lastingMs = 0.3;
/** Such yields may take this part of the time, and so many ms at once. */
const lastingShare = 1 / 8;
const mostAtOnceMs = 5;

export class Patience {
  /** Missing where each rank has a core of its own. */
  readonly #yield: CoreYield | undefined;
  #sleeps = 0;
  /** How many more long ones were in vain than not. */
  #inVain = 0;
  /** Short ones until the next that is long. */
  #short = 0;
  #penalty = fewShort;
  readonly #now: () => number;
  /** For lasting yields, in ms, as of a moment. */
  #allowedMs = mostAtOnceMs;
  #asOfMs: number;

  /**
   * @param coreYield where ranks of this host share cores
   * @param now a clock, in ms
   */
  constructor(coreYield?: CoreYield, now: () => number = () => performance.now()) {
    this.#yield = coreYield;
    this.#now = now;
    this.#asOfMs = now();
  }

  /** How long to look now, in ms. */
  get ms(): number {
    if (this.#yield?.now) this.#allow(0);
    const isHarmless = this.#yield === undefined || this.#mayYield;
    return isHarmless && this.#short === 0 ? longMs : shortMs;
  }

  /** Between two looks: others may have the core. */
  pause(): void {
    if (!this.#mayYield) return;
    const fromMs = this.#now();
    this.#yield!.now!();
    const tookMs = this.#now() - fromMs;
    if (tookMs > lastingMs) this.#allow(tookMs);
  }

  get #mayYield(): boolean {
    return this.#yield?.now !== undefined && this.#allowedMs > 0;
  }

  #allow(takenMs: number): void {
    const nowMs = this.#now();
    const earnedMs = (nowMs - this.#asOfMs) * lastingShare;
    this.#allowedMs = Math.min(mostAtOnceMs, this.#allowedMs + earnedMs) - takenMs;
    this.#asOfMs = nowMs;
  }

  /** Something came while the rank looked. */
  rewarded(): void {
    if (this.#short > 0) this.#short -= 1;
    else if (this.#inVain > 0) this.#inVain -= 1;
    else this.#penalty = fewShort;
  }

  /** Nothing came, and the rank sleeps. */
  disappointed(): void {
    if (++this.#sleeps === sleepsBeforeYield) this.#yield?.open();
    if (this.#short > 0) this.#short -= 1;
    else if (++this.#inVain >= patientFor) {
      this.#inVain = 0;
      this.#short = this.#penalty;
      this.#penalty = Math.min(2 * this.#penalty, mostShort);
    }
  }
}
