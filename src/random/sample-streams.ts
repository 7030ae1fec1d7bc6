/**
 * Where the draws of samples come from: they are made ahead for a stretch of samples, and on request for one that wants more.
 * `sample-rng.ts` reads them, the kernel announces the samples.
 *
 * Stream of sample i: block b = 0, 1, 2 … is Philox4x32-10 of the counter (i mod 2^32, i div 2^32, b mod 2^32, b div 2^32)
 * under the key (seed mod 2^32, seed div 2^32); its words w0 … w3 make two draws, w0·2^32 + w1 and w2·2^32 + w3.
 */
import {
  BLOCKS_CAPACITY,
  BLOCKS_OFFSET,
  DRAWS_PER_BLOCK,
  type Key,
  PhiloxDraws,
  SAMPLES_CAPACITY,
} from "./philox-draws.ts";

/** Draws, as a `SampleRng` reads them. */
export interface Streams {
  readonly draws: Float64Array;
  /** Of the sample in slot s, draws[s · stride] to draws[s · stride + ahead − 1] are ready. */
  readonly ahead: number;
  readonly stride: number;
  /** Makes more draws of the sample whose ready ones end at index `end`; returns where they begin, and `refilledTo` says where they end. */
  refill(end: number): number;
  readonly refilledTo: number;
}

/** Draws per sample that are made ahead at most. */
const MAX_AHEAD = 32;
/** Samples after which it is looked at how many draws they made, while none are made ahead. */
const FIRST_LOOK = 64;
/** Blocks that a sample gets when it wants more for the first time; then twice as many each time. */
const FIRST_BLOCKS = 8;

/** The draws of consecutive samples. Announce a stretch of samples with `expect`, then take each of them in turn. */
export class SampleStreams implements Streams {
  readonly draws: Float64Array;
  ahead = 0;
  /** Whether the samples before the announced ones were all content with the draws made ahead, so that these will probably be too. */
  settled = false;
  /** 1 where none are made ahead, so that samples can be told apart. */
  stride = 1;
  refilledTo = 0;
  readonly #source: PhiloxDraws;
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
    this.draws = source.draws;
  }

  /**
   * Announces the samples from number `first` on, and makes the draws ahead that they will probably want: none at first,
   * then more as long as an eighth of the samples wanted more. The draws themselves don't depend on it.
   *
   * @param samples how many will follow, 1 or more
   * @returns how many of them may be taken until the next `expect`, in slots 0, 1, 2 …
   */
  expect(first: number, samples: number): number {
    if (this.#refills * 8 > this.#samples) this.ahead = Math.min(Math.max(this.ahead * 2, DRAWS_PER_BLOCK), MAX_AHEAD);
    this.settled = this.ahead > 0 && this.#refills === 0 && this.#samples > 0;
    this.stride = Math.max(this.ahead, 1);
    this.#first = first;
    this.#samples = Math.min(samples, this.ahead === 0 ? FIRST_LOOK : SAMPLES_CAPACITY / this.ahead);
    this.#refills = 0;
    this.#source.fillSamples(first, this.#samples, this.ahead / DRAWS_PER_BLOCK);
    return this.#samples;
  }

  refill(end: number): number {
    if (end <= SAMPLES_CAPACITY) {
      this.#index = this.#first + (end - this.ahead) / this.stride;
      this.#blocks = this.ahead / DRAWS_PER_BLOCK;
    }
    const blocks = nextBlocks(this.#blocks);
    this.#source.fillBlocks(this.#index, this.#blocks, blocks);
    this.refilledTo = BLOCKS_OFFSET + blocks * DRAWS_PER_BLOCK;
    this.#blocks += blocks;
    this.#refills += 1;
    return BLOCKS_OFFSET;
  }
}

/** The draws of one sample, in memory of its own: any number of these may be in use at a time. */
export class LoneStream implements Streams {
  readonly draws = new Float64Array(BLOCKS_CAPACITY * DRAWS_PER_BLOCK);
  readonly ahead = 0;
  readonly stride = 1;
  refilledTo = 0;
  readonly #key: Key;
  readonly #index: number;
  #blocks = 0;

  constructor(key: Key, index: number) {
    this.#key = key;
    this.#index = index;
  }

  refill(): number {
    const blocks = nextBlocks(this.#blocks);
    shared ??= new PhiloxDraws();
    shared.setKey(this.#key);
    shared.fillBlocks(this.#index, this.#blocks, blocks);
    this.refilledTo = blocks * DRAWS_PER_BLOCK;
    this.draws.set(shared.draws.subarray(BLOCKS_OFFSET, BLOCKS_OFFSET + this.refilledTo));
    this.#blocks += blocks;
    return 0;
  }
}

/** Makes the draws of all lone streams: an instance of the generator reserves address space, and takes its time. */
let shared: PhiloxDraws | undefined;

function nextBlocks(made: number): number {
  return Math.min(Math.max(made & ~(FIRST_BLOCKS - 1), FIRST_BLOCKS), BLOCKS_CAPACITY);
}
