/**
 * The random numbers of one sample at a time: each sample of a seed has a stream of its own, which depends on nothing else.
 * The kernel begins the samples; the user's function draws (`Rng`). Where the draws come from: `sample-streams.ts`.
 *
 * `random()` is the upper 53 bits of a draw; everything else is made of `random()`.
 */
import { expected } from "../errors.ts";
import { portableLog } from "./log.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { LoneStream, type Streams } from "./sample-streams.ts";
import { type Seed, seedKey } from "./seed.ts";

/** What `sampleFn` gets. Each call draws from the stream of the current sample; a sample may draw as often as it likes. */
export interface Rng {
  /** A double in [0, 1), a multiple of 2^−53. One draw. */
  random(): number;
  /** A double in [lo, hi), or lo when both are equal. Default [0, 1). One draw; another one where rounding would give hi. */
  uniform(lo?: number, hi?: number): number;
  /** A normal variable of this mean and standard deviation (0 and 1). One draw, by the quantile function. */
  normal(mean?: number, sd?: number): number;
  /** A whole number in [lo, hi), each equally likely; both safe integers, hi − lo < 2^53. One draw, now and then more. */
  integer(lo: number, hi: number): number;
  /** An exponential variable of this rate (1), so of mean 1 / rate. One draw. */
  exponential(rate?: number): number;
  /** A whole number in [0, 2^32). One draw, of which it takes the upper 32 bits. */
  uint32(): number;
}

/** A generator that goes from sample to sample. */
export interface SampleRng extends Rng {
  /** Goes to the beginning of the stream of the sample in `slot`. */
  begin(slot: number): void;
}

/** Its class. An instance is valid until `streams` makes the draws of other samples ahead. */
export type RngClass = new (streams: Streams) => SampleRng;

/** What such a class uses, beside itself. */
export interface RngTools {
  readonly expected: typeof expected;
  readonly portableLog: typeof portableLog;
  readonly normalQuantile: typeof normalQuantile;
}

export const rngTools: RngTools = { expected, portableLog, normalQuantile };

/**
 * Makes the class of generators that read the draws which `streams` has ready; `begin` each sample in turn. They are cheap to make, and
 * meant to be made anew for each run of a loop: V8 keeps the fields of one that never leaves its loop in the processor's registers.
 * It does so as long as `refill` has never been called there. So a loop may want a class of its own, made of a copy of this function by its
 * text: it must not use anything but its parameter.
 */
export function rngClass({ expected, portableLog, normalQuantile }: RngTools): RngClass {
  const TWO_32 = 4294967296;
  const TWO_53 = 9007199254740992;
  /** Up to this width, a 32-bit number times the width is exact. */
  const NARROW = 2097152;

  return class implements SampleRng {
    // Fields of this kind, since V8 takes its time to do away with an object that has #fields.
    private readonly streams: Streams;
    private readonly draws: Float64Array;
    private readonly ahead: number;
    private readonly stride: number;
    /** The next draw and the end of those that are ready, as indices into `draws`. */
    private at: number;
    private end: number;

    constructor(streams: Streams) {
      this.streams = streams;
      this.draws = streams.draws;
      this.ahead = streams.ahead;
      this.stride = streams.stride;
      this.at = 0;
      this.end = 0;
    }

    begin(slot: number): void {
      const at = Math.imul(slot, this.stride);
      this.at = at;
      this.end = (at + this.ahead) | 0;
    }

    random(): number {
      // "| 0" tells V8 that these are integers, or it would box every draw.
      let at = this.at | 0;
      if (at >= (this.end | 0)) {
        at = this.streams.refill(this.end) | 0;
        this.end = this.streams.refilledTo;
      }
      this.at = (at + 1) | 0;
      return this.draws[at]!;
    }

    uniform(lo = 0, hi = 1): number {
      const width = hi - lo;
      if (!(width >= 0 && width < Number.POSITIVE_INFINITY))
        throw expected("rng.uniform's lo and hi", "finite numbers, lo no greater than hi", [lo, hi]);
      let x = lo + width * this.random();
      while (x >= hi && width > 0) x = lo + width * this.random();
      return x;
    }

    normal(mean = 0, sd = 1): number {
      if (!(sd >= 0)) throw expected("rng.normal's sd", "a number ≥ 0", sd);
      // The middle of the draw's interval, less one half: exact, never ±½.
      return mean + sd * normalQuantile(this.random() - 0.5 + 2 ** -54);
    }

    integer(lo: number, hi: number): number {
      const width = hi - lo;
      if (!Number.isSafeInteger(lo) || !Number.isSafeInteger(hi) || !(width > 0 && width < TWO_53))
        throw expected("rng.integer's lo and hi", "safe integers, lo below hi, less than 2^53 apart", [lo, hi]);
      return lo + (width <= NARROW ? this.belowNarrow(width) : this.belowWide(width));
    }

    exponential(rate = 1): number {
      if (!(rate > 0 && rate < Number.POSITIVE_INFINITY))
        throw expected("rng.exponential's rate", "a finite number > 0", rate);
      return (0 - portableLog(1 - this.random())) / rate;
    }

    uint32(): number {
      return (this.random() * TWO_32) >>> 0;
    }

    /** D. Lemire, "Fast random integer generation in an interval" (2019): the upper part of a product, unless the lower part is in the uneven rest. */
    private belowNarrow(width: number): number {
      let product = this.uint32() * width;
      if (product >>> 0 < width) {
        const uneven = TWO_32 % width;
        while (product >>> 0 < uneven) product = this.uint32() * width;
      }
      return Math.floor(product / TWO_32);
    }

    /** The remainder of a whole draw of 53 bits, unless it is in the uneven last stretch. */
    private belowWide(width: number): number {
      const even = TWO_53 - (TWO_53 % width);
      let whole = this.random() * TWO_53;
      while (whole >= even) whole = this.random() * TWO_53;
      return whole % width;
    }
  };
}

/** The class for all that need none of their own. */
export const SampleRng: RngClass = rngClass(rngTools);

/**
 * The random numbers that sample `index` of a job with this seed got: to look at one sample again, outside the job.
 *
 * @throws UsageError when the seed or the index is not one
 */
export function rngOfSample(seed: Seed, index: number): Rng {
  if (!Number.isSafeInteger(index) || index < 0) throw expected("index", "a whole number of 0 or more", index);
  return new SampleRng(new LoneStream(seedKey(seed), index));
}
