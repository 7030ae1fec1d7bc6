/**
 * The time that one host's launch takes: which phase it is in, since when, and whether that phase has run out of time. Every
 * phase has the whole time-out for itself, and anew with each word of the host, up to a limit: slow is not silent. While a person is
 * asked for a passphrase the clock stands.
 */
import { LaunchError } from "../../errors.ts";
import { fairTimeout } from "../../fair-timeout.ts";
import type { LaunchPhase } from "../launcher.ts";
import { Trouble } from "./trouble.ts";

/** What is said when a phase runs out of time. */
export interface Late {
  /** As the part of a sentence before "within 10 s". */
  readonly what: string;
  readonly remedy: string;
}

/** How much was heard of a host: a number that grows with each word. */
export type Heard = () => number;

/** A phase in which a host is heard may take so many times the time-out. */
const mostTimes = 3;
/** So often within the time-out it is looked whether more was heard. */
const looks = 10;

export class PhaseClock {
  phase: LaunchPhase = "resolve";
  readonly #host: string;
  readonly #who: string;
  readonly #limitMs: number;
  #late: Late = { what: "nothing happened", remedy: "" };
  #since = performance.now();
  #heard: Heard | undefined;
  #heardSoFar = 0;
  /** When the phase has run out of time if nothing more is heard, and whatever is heard. */
  #due = 0;
  #end = 0;
  #stopTick: (() => void) | undefined;
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

  /** @param heard what counts as a word of the host in this phase; nothing, if it is left out */
  enter(phase: LaunchPhase, late: Late, heard?: Heard): void {
    this.phase = phase;
    this.#since = performance.now();
    this.#due = this.#since + this.#limitMs;
    this.#end = this.#since + mostTimes * this.#limitMs;
    this.expect(late, heard);
  }

  /** The same phase has come further: it would now be late for another reason. */
  expect(late: Late, heard?: Heard): void {
    this.#late = late;
    this.#heard = heard;
    this.#heardSoFar = heard?.() ?? 0;
    this.#tick();
  }

  /** Runs work while the clock stands. */
  async standing<T>(work: () => Promise<T>): Promise<T> {
    const before = performance.now();
    this.stop();
    try {
      return await work();
    } finally {
      const now = performance.now();
      this.#since = now;
      this.#end += now - before;
      this.#due = Math.max(this.#due + now - before, now + 1000);
      this.#tick();
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
    this.#stopTick?.();
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

  #tick(): void {
    this.stop();
    if (this.#closed) return;
    const left = Math.max(0, this.#due - performance.now());
    this.#stopTick = fairTimeout(() => this.#look(), this.#heard ? Math.min(left, this.#limitMs / looks) : left);
  }

  #look(): void {
    const now = performance.now();
    const heard = this.#heard?.() ?? 0;
    if (heard !== this.#heardSoFar) this.#due = Math.min(now + this.#limitMs, this.#end);
    this.#heardSoFar = heard;
    if (now < this.#due) return this.#tick();
    const { what, remedy } = this.#late;
    const ms = now < this.#end ? this.#limitMs : mostTimes * this.#limitMs;
    this.#expire(new Trouble(`${what} within ${ms / 1000} s`, { remedy, timeless: true }));
  }
}
