/**
 * How n samples are cut. Chunks depend on n only: they fix in which order values are reduced, and so the last bit of the
 * result. Parts are groups of chunks for the ranks: whole subtrees of the tree in which chunks are combined
 * (`ordered-fold.ts`), so that their sizes may follow the number of ranks without a trace in the result.
 */

/** At most so many chunks: small enough to balance over hundreds of ranks, and few enough to combine in no time. */
const MAX_CHUNKS = 4096;
/** A new part holds at most this share of what is left for a rank: large parts first, single chunks at the end. */
const PART_SHARE = 8;

/** Samples first to `end` − 1. */
export interface Stretch {
  readonly first: number;
  readonly end: number;
}

/** Samples per chunk: the smallest power of two that makes at most 4096 chunks of n samples. The last chunk may be shorter. */
export function chunkSize(n: number): number {
  let size = 1;
  while (n / size > MAX_CHUNKS) size *= 2;
  return size;
}

/**
 * The parts for `ranks` ranks, in order: each a power of two of chunks, and at a multiple of itself, because none is larger
 * than the one before it.
 */
export function* partsOf(n: number, ranks: number): Generator<Stretch> {
  const size = chunkSize(n);
  const chunks = Math.ceil(n / size);
  for (let chunk = 0; chunk < chunks; ) {
    const count = powerOfTwo((chunks - chunk) / (PART_SHARE * ranks));
    yield { first: chunk * size, end: Math.min(n, (chunk + count) * size) };
    chunk += count;
  }
}

/** The largest power of two up to `most`, at least 1. */
function powerOfTwo(most: number): number {
  let power = 1;
  while (power * 2 <= most) power *= 2;
  return power;
}
