/**
 * The random numbers of one sample at a time: each sample of a seed has a stream of its own, which depends on nothing else.
 * The kernel announces the samples (`expect`, `begin`); the user's function draws (`Rng`).
 *
 * Stream of sample i: block b = 0, 1, 2 … is Philox4x32-10 of the counter (i mod 2^32, i div 2^32, b mod 2^32, b div 2^32)
 * under the key (seed mod 2^32, seed div 2^32); its words w0 … w3 make two draws, w0·2^32 + w1 and w2·2^32 + w3.
 * `random()` is the upper 53 bits of a draw; everything else is made of `random()`.
 */
import { expected } from "../errors.ts";
import { portableLog } from "./log.ts";
import { normalQuantile } from "./normal-quantile.ts";
import {
  BLOCKS_CAPACITY,
  BLOCKS_OFFSET,
  DRAWS_PER_BLOCK,
  type Key,
  PhiloxDraws,
  SAMPLES_CAPACITY,
} from "./philox-draws.ts";
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

const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;
/** Up to this width, a 32-bit number times the width is exact. */
const NARROW = 2097152;

/** Draws per sample that are made ahead at most. */
const MAX_AHEAD = 32;
/** Samples after which it is looked at how many draws they made, while none are made ahead. */
const FIRST_LOOK = 64;

/** The draws of consecutive samples. Announce a stretch of samples with `expect`, then `begin` each of them in turn. */
export class SampleRng implements Rng {
  readonly #source: PhiloxDraws;
  readonly #draws: Float64Array;
  /** The next draw and the end of those that are ready, as indices into #draws. All that `begin` and `random` write: they are the hot ones. */
  #at = 0;
  #end = 0;
  /** Draws made ahead for each sample, and how far apart samples begin: the same, or 1 where none are made. */
  #ahead = 0;
  #stride = 1;
  /** The samples announced. */
  #first = 0;
  #samples = 0;
  /** Of the sample that last wanted more than was ready: its number, and how many of its blocks were made. */
  #index = 0;
  #blocks = 0;
  /** How often, since `expect`, a sample wanted more than was ready. */
  #refills = 0;

  /** @param source pass one that nobody uses at the moment; default: a new one */
  constructor(key: Key, source: PhiloxDraws = new PhiloxDraws()) {
    source.setKey(key);
    this.#source = source;
    this.#draws = source.draws;
  }

  /**
   * Announces the samples from number `first` on, and makes the draws ahead that they will probably want: none at first,
   * then more as long as an eighth of the samples wanted more. The draws themselves don't depend on it.
   *
   * @param samples how many will follow, 1 or more
   * @returns how many of them may be begun until the next `expect`
   */
  expect(first: number, samples: number): number {
    if (this.#refills * 8 > this.#samples)
      this.#ahead = Math.min(Math.max(this.#ahead * 2, DRAWS_PER_BLOCK), MAX_AHEAD);
    this.#stride = Math.max(this.#ahead, 1);
    this.#first = first;
    this.#samples = Math.min(samples, this.#ahead === 0 ? FIRST_LOOK : SAMPLES_CAPACITY / this.#ahead);
    this.#refills = 0;
    this.#source.fillSamples(first, this.#samples, this.#ahead / DRAWS_PER_BLOCK);
    return this.#samples;
  }

  /** Goes to the beginning of the stream of sample `first` + `slot`. */
  begin(slot: number): void {
    const at = Math.imul(slot, this.#stride);
    this.#at = at;
    this.#end = at + this.#ahead;
  }

  random(): number {
    let at = this.#at;
    // "| 0" tells V8 that this is an integer, or it would box every draw.
    if (at >= this.#end) at = this.#refill() | 0;
    this.#at = at + 1;
    return this.#draws[at]!;
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
    return lo + (width <= NARROW ? this.#belowNarrow(width) : this.#belowWide(width));
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
  #belowNarrow(width: number): number {
    let product = this.uint32() * width;
    if (product >>> 0 < width) {
      const uneven = TWO_32 % width;
      while (product >>> 0 < uneven) product = this.uint32() * width;
    }
    return Math.floor(product / TWO_32);
  }

  /** The remainder of a whole draw of 53 bits, unless it is in the uneven last stretch. */
  #belowWide(width: number): number {
    const even = TWO_53 - (TWO_53 % width);
    let whole = this.random() * TWO_53;
    while (whole >= even) whole = this.random() * TWO_53;
    return whole % width;
  }

  /** Makes further blocks of the current sample, twice as many each time; returns where they begin. */
  #refill(): number {
    if (this.#end <= SAMPLES_CAPACITY) {
      this.#index = this.#first + (this.#end - this.#ahead) / this.#stride;
      this.#blocks = this.#ahead / DRAWS_PER_BLOCK;
    }
    const blocks = Math.min(Math.max(this.#blocks & ~7, 8), BLOCKS_CAPACITY);
    this.#source.fillBlocks(this.#index, this.#blocks, blocks);
    this.#end = BLOCKS_OFFSET + blocks * DRAWS_PER_BLOCK;
    this.#blocks += blocks;
    this.#refills += 1;
    return BLOCKS_OFFSET;
  }
}

/**
 * The random numbers that sample `index` of a job with this seed got: to look at one sample again, outside the job.
 *
 * @throws UsageError when the seed or the index is not one
 */
export function rngOfSample(seed: Seed, index: number): Rng {
  if (!Number.isSafeInteger(index) || index < 0) throw expected("index", "a whole number of 0 or more", index);
  const rng = new SampleRng(seedKey(seed));
  rng.expect(index, 1);
  rng.begin(0);
  return rng;
}
