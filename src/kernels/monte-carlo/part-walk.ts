/**
 * The way through the samples of one part: says how many samples may run in one go, until their draws have to be made or
 * until it is time to look for a cancel. Neither has a trace in the result.
 */
import type { SampleStreams } from "../../random/sample-streams.ts";
import type { RankContext } from "../define-kernel.ts";
import type { Stretch } from "./chunks.ts";

/** Without `cancelCheckEvery`, looks are between these two apart, where samples are fast enough. */
const SOON_MS = 0.5;
const LATE_MS = 2;
const MAX_BETWEEN_LOOKS = 65536;

export class PartWalk {
  readonly #part: Stretch;
  readonly #streams: SampleStreams;
  readonly #rank: RankContext;
  readonly #fixed: number | undefined;
  #index: number;
  #readyFrom: number;
  #readyEnd: number;
  #lookAt: number;
  #between = 1;
  #lookedMs = performance.now();

  /** @param cancelCheckEvery samples between two looks; default: about a millisecond's worth */
  constructor(part: Stretch, streams: SampleStreams, rank: RankContext, cancelCheckEvery: number | undefined) {
    this.#part = part;
    this.#streams = streams;
    this.#rank = rank;
    this.#fixed = cancelCheckEvery;
    this.#index = part.first;
    this.#readyFrom = part.first;
    this.#readyEnd = part.first;
    // The first look comes after one sample, however long that takes.
    this.#lookAt = part.first + 1;
    rank.raiseIfCancelled();
  }

  /** The number of the next sample. */
  get index(): number {
    return this.#index;
  }

  /** The samples to run now, at least one and none from number `end` on; takes them as done by the next call. */
  next(end: number): { readonly slot: number; readonly index: number; readonly count: number } {
    const index = this.#index;
    if (index === this.#lookAt) this.#look();
    if (index === this.#readyEnd) {
      this.#readyFrom = index;
      this.#readyEnd = index + this.#streams.expect(index, this.#part.end - index);
    }
    this.#index = Math.min(end, this.#readyEnd, this.#lookAt);
    return { slot: index - this.#readyFrom, index, count: this.#index - index };
  }

  /** Says that all is done. */
  finish(): void {
    this.#rank.raiseIfCancelled();
    this.#report();
  }

  #look(): void {
    this.#rank.raiseIfCancelled();
    this.#report();
    this.#lookAt = this.#index + (this.#fixed ?? this.#adapted());
  }

  #report(): void {
    const { first, end } = this.#part;
    this.#rank.progress(this.#index - first, end - first);
  }

  #adapted(): number {
    const now = performance.now();
    const elapsed = now - this.#lookedMs;
    this.#lookedMs = now;
    if (elapsed < SOON_MS) this.#between = Math.min(this.#between * 2, MAX_BETWEEN_LOOKS);
    else if (elapsed > LATE_MS) this.#between = Math.max(Math.floor((this.#between * LATE_MS) / elapsed), 1);
    return this.#between;
  }
}
