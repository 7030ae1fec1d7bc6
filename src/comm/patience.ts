/**
 * How long a rank looks for mail before it sleeps. To sleep and to be woken takes about 50 µs, and two ranks that answer each other must look
 * for longer than that: else, once one of them has slept, both sleep at every message. But who spins uses up the time that
 * others may need for what he waits for. So a rank spins for longer where each has a core of its own, until that is in vain too often.
 */

/** Longer than it takes to wake the one that is waited for, in ms. */
const longMs = 0.15;
/** Where cores are lacking, in ms: an answer that comes at once takes a few microseconds. */
const shortMs = 0.02;
/** So many more in vain than not, and the next are short. */
const patientFor = 16;
/** How many are short then, at first and at most. */
const fewShort = 16;
const mostShort = 1024;

export class Patience {
  readonly #ownCore: boolean;
  /** How many more long ones were in vain than not. */
  #inVain = 0;
  /** Short ones until the next that is long. */
  #short = 0;
  #penalty = fewShort;

  /** @param ownCore each rank of this host has a core */
  constructor(ownCore: boolean) {
    this.#ownCore = ownCore;
  }

  /** How long to look now, in ms. */
  get ms(): number {
    return this.#ownCore && this.#short === 0 ? longMs : shortMs;
  }

  /** Something came while the rank looked. */
  rewarded(): void {
    if (this.#short > 0) this.#short -= 1;
    else if (this.#inVain > 0) this.#inVain -= 1;
    else this.#penalty = fewShort;
  }

  /** Nothing came, and the rank sleeps. */
  disappointed(): void {
    if (this.#short > 0) this.#short -= 1;
    else if (++this.#inVain >= patientFor) {
      this.#inVain = 0;
      this.#short = this.#penalty;
      this.#penalty = Math.min(2 * this.#penalty, mostShort);
    }
  }
}
