/** When a connection that stands still is given up for a new one. It counts ticks and not the time: a process that was stopped itself has waited for nothing. */

/** Between two looks at a line, in ms; tests have shorter ones. */
export const usualTickMs = 250;
/** So many ticks a connection may stand still: TCP has then lost the same bytes four times, and waits twice as long each time. */
const leastTicks = 3000 / usualTickMs;
const mostTicks = 60_000 / usualTickMs;

export class Patience {
  #still = 0;
  #limit = leastTicks;

  /**
   * @param waits whether anything is to come
   * @param moved whether anything came since the last tick
   * @returns true when it is over; the next time it lasts twice as long, for a line may be slow and no more than that
   */
  tick(waits: boolean, moved: boolean): boolean {
    if (moved) this.#limit = Math.min(mostTicks, Math.max(leastTicks, 1.5 * this.#still, this.#limit / 2));
    this.#still = waits && !moved ? this.#still + 1 : 0;
    if (this.#still < this.#limit) return false;
    this.#still = 0;
    this.#limit = Math.min(mostTicks, 2 * this.#limit);
    return true;
  }
}
