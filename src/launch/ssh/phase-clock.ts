/**
 * The time that one host's launch takes: which phase it is in, since when, and whether that phase has run out of time. Every
 * phase has the whole time-out for itself; while a person is asked for a passphrase the clock stands.
 */
import { LaunchError } from "../../errors.ts";
import type { LaunchPhase } from "../launcher.ts";
import { Trouble } from "./trouble.ts";

/** What is said when a phase runs out of time. */
export interface Late {
  /** As the part of a sentence before "within 10 s". */
  readonly what: string;
  readonly remedy: string;
}

export class PhaseClock {
  phase: LaunchPhase = "resolve";
  readonly #host: string;
  readonly #who: string;
  readonly #limitMs: number;
  #late: Late = { what: "nothing happened", remedy: "" };
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #remainingMs = 0;
  #closed = false;
  #expire!: (late: Trouble) => void;
  readonly #expired: Promise<never>;

  constructor(host: string, who: string, limitS: number) {
    this.#host = host;
    this.#who = who;
    this.#limitMs = limitS * 1000;
    this.#expired = new Promise((_, reject) => {
      this.#expire = reject;
    });
    this.#expired.catch(() => {}); // it may expire while nobody waits: then nobody needs to know
  }

  enter(phase: LaunchPhase, late: Late): void {
    this.phase = phase;
    this.#since = performance.now();
    this.#late = late;
    this.#arm(this.#limitMs);
  }

  /** The same phase has come further: it would now be late for another reason. */
  expect(late: Late): void {
    this.#late = late;
  }

  /** Runs work while the clock stands. */
  async standing<T>(work: () => Promise<T>): Promise<T> {
    const before = performance.now();
    clearTimeout(this.#timer);
    this.#remainingMs -= before - this.#since;
    try {
      return await work();
    } finally {
      this.#since = performance.now();
      this.#arm(Math.max(this.#remainingMs, 1000));
    }
  }

  /** The outcome of this work, unless a phase of it takes too long, or the signal says to give up. */
  async limit<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    work.catch(() => {}); // what is given up may still fail
    signal?.throwIfAborted();
    let giveUp = () => {};
    const given = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal?.reason);
    });
    signal?.addEventListener("abort", giveUp);
    try {
      return await Promise.race([work, this.#expired, given]);
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Nothing is limited until the next phase begins. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The launch is over, one way or the other: what is still under way of it counts no more. */
  close(): void {
    this.#closed = true;
    this.stop();
  }

  /** @returns the error for the caller; anything but a trouble is returned as it is */
  errorOf(error: unknown, lastOutput = ""): unknown {
    if (!(error instanceof Trouble)) return error;
    const { remedy, note, because, phase = this.phase, timeless, cause } = error.details;
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1);
    const after = timeless ? "" : ` after ${seconds} s`;
    const noted = note ? ` (${note})` : "";
    const reason = because ? `: ${because}` : "";
    const tail = lastOutput === "" ? "" : `\nIts last output:\n${lastOutput}`;
    const text = `could not start ${this.#who}: ${error.message}${after}${noted}${reason}. ${remedy}${tail}`;
    return new LaunchError(text, { host: this.#host, phase, remedy, lastOutput, cause });
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#remainingMs = ms;
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#runOut(), ms);
  }

  #runOut(): void {
    const { what, remedy } = this.#late;
    this.#expire(new Trouble(`${what} within ${this.#limitMs / 1000} s`, { remedy, timeless: true }));
  }
}
