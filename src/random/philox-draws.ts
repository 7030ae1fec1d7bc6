/**
 * The WASM side of the generator: one instance of the Philox module and its memory, filled with doubles on request.
 * It knows counters, not samples' histories: `sample-rng.ts` decides what is wanted next.
 */
import { wasmBytes } from "./philox.wasm.ts";

/** The key of the generator: the seed's lower and upper 32 bits. */
export type Key = readonly [low: number, high: number];

/** Doubles that one block of the generator yields. */
export const DRAWS_PER_BLOCK = 2;
/** Doubles that `fillSamples` may write: 16 KiB, so that they stay in the first cache beside the user's own data. */
export const SAMPLES_CAPACITY = 2048;
/** Blocks that `fillBlocks` may write. */
export const BLOCKS_CAPACITY = 128;

const SAMPLES_AT = 8192;
const BLOCKS_AT = 40960;
/** Where the doubles of `fillBlocks` begin, as an index into `draws`. */
export const BLOCKS_OFFSET = (BLOCKS_AT - SAMPLES_AT) / 8;

type PhiloxExports = {
  readonly memory: WebAssembly.Memory;
  setKey(k0: number, k1: number): void;
  fillSamples(out: number, samples: number, blocks: number, i0: number, i1: number): void;
  fillBlocks(out: number, blocks: number, i0: number, i1: number, b0: number, b1: number): void;
  block(out: number, c0: number, c1: number, c2: number, c3: number): void;
};

let compiled: WebAssembly.Module | undefined;

/** One filler with its own memory. Reserves address space: keep and reuse it rather than make many. */
export class PhiloxDraws {
  /** Doubles in [0, 1): at 0 those of `fillSamples`, at `BLOCKS_OFFSET` those of `fillBlocks`. */
  readonly draws: Float64Array;
  readonly #philox: PhiloxExports;

  constructor() {
    compiled ??= new WebAssembly.Module(wasmBytes);
    this.#philox = new WebAssembly.Instance(compiled).exports as unknown as PhiloxExports;
    this.draws = new Float64Array(this.#philox.memory.buffer, SAMPLES_AT);
  }

  /** Sets the key for all that follows. */
  setKey(key: Key): void {
    this.#philox.setKey(key[0], key[1]);
  }

  /** Blocks 0 to `blocks` − 1 of each of the samples `first` to `first + samples` − 1, sample by sample. */
  fillSamples(first: number, samples: number, blocks: number): void {
    this.#philox.fillSamples(SAMPLES_AT, samples, blocks, low(first), high(first));
  }

  /** `blocks` blocks of sample `index` from block `from` on. */
  fillBlocks(index: number, from: number, blocks: number): void {
    this.#philox.fillBlocks(BLOCKS_AT, blocks, low(index), high(index), low(from), high(from));
  }

  /** One raw block: four words of 32 bits for a counter of four words. */
  block(counter: readonly [number, number, number, number]): Uint32Array {
    this.#philox.block(BLOCKS_AT, ...counter);
    return new Uint32Array(this.#philox.memory.buffer, BLOCKS_AT, 4).slice();
  }
}

function low(value: number): number {
  return value >>> 0;
}

function high(value: number): number {
  return Math.floor(value / 4294967296);
}
