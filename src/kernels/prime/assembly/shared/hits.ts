// The divisors that one call has found, until the next: each relative to where that call began.

/** Room for the hits of one run, at most MAX_STEPS * MAX_OFFSETS, and as many again as make it worth returning. */
const MAX_STEPS: i32 = 256;
export const MAX_OFFSETS: i32 = 48;
export const ENOUGH_HITS: i32 = 4096;

const hits = memory.data((MAX_STEPS * MAX_OFFSETS + ENOUGH_HITS) * 4, 16);
let hitCount: i32 = 0;

export function hitsAt(): usize {
  return hits;
}

export function hitsFound(): i32 {
  return hitCount;
}

export function forgetHits(): void {
  hitCount = 0;
}

export function note(hit: u32): void {
  store<u32>(hits + (usize(hitCount) << 2), hit);
  hitCount++;
}
