/**
 * How often a rank is heard of while it works, so that rank 0 keeps up with all of them. A message costs rank 0 some tens of
 * microseconds (docs/scaling.md has the measurement), and so every rank more makes each wait a little longer between two.
 */

/** Added for each rank, in ms: four messages of 40 µs, of which rank 0 is not to be busy more than half the time. */
const perRankMs = 0.4;

/** How long a batch of parts should take to compute, in ms: long against its messages' cost, short against a person's patience. */
export function batchMs(ranks: number): number {
  return Math.max(4, perRankMs * ranks);
}

/** How long partials wait for each other at the most, in ms: an early exit must not wait for a whole batch. */
export function flushMs(ranks: number): number {
  return batchMs(ranks) / 2;
}

/** A transition of a rank is reported after this long at the latest, in ms: a tiny job then costs one report and not five. */
export function gatherMs(ranks: number): number {
  return Math.max(1, ranks / 20);
}
