/**
 * How many machines are logged in to at the same time, and what is tried again. An sshd drops connections when many come at once
 * (MaxStartups, 10:30:100 by default), which matters where hosts share a jump host.
 */
import { Trouble } from "./trouble.ts";

const mostAtOnce = 8;
const mostAttempts = 4;

export class Handshakes {
  #free = mostAtOnce;
  readonly #waiting: (() => void)[] = [];
  readonly #firstPauseMs: number;

  /** @param firstPauseMs about how long to wait before the second attempt; twice as long before each further one */
  constructor(firstPauseMs = 250) {
    this.#firstPauseMs = firstPauseMs;
  }

  /** Runs a handshake when it is its turn, and again when the connection was dropped before anything was said on it. */
  async run<T>(handshake: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await this.#enter();
      try {
        return await handshake();
      } catch (error) {
        if (attempt === mostAttempts || !(error instanceof Trouble) || !error.details.dropped) throw error;
      } finally {
        this.#leave();
      }
      const pauseMs = this.#firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()); // not all again at the same moment
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
