/** The host maps, roots and schedules that every collective is tried on. */
import fc from "fast-check";
import type { Data } from "../../src/comm/steps.ts";
import { arrayTypes, randomArray } from "./arrays.ts";
import { type Options, SMALL_LIMITS } from "./simulate.ts";

/** Named shapes of up to nine ranks: one host, one rank per host, blocks, uneven blocks, in turn, disorderly. */
export const hostMaps: readonly (readonly [string, readonly number[]])[] = [
  ...[1, 2, 3, 4, 5, 7, 8].map((size) => [`${size} on one host`, new Array<number>(size).fill(0)] as const),
  ["2 hosts of 1", [0, 1]],
  ["3 hosts of 1", [5, 3, 9]],
  ["2 hosts of 2", [0, 0, 1, 1]],
  ["uneven blocks", [0, 1, 1, 1, 2, 2]],
  ["3 hosts of 3", [0, 0, 0, 1, 1, 1, 2, 2, 2]],
  ["in turn", [0, 1, 2, 0, 1, 2, 0, 1]],
  ["disorderly", [4, 0, 4, 4, 2, 0, 2, 4, 0]],
];

/** Any host map of 1 to 9 ranks. */
export const anyHosts = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 9 });

export const anyOptions: fc.Arbitrary<Options> = fc.record({
  seed: fc.integer(),
  sends: fc.constantFrom("rendezvous", "buffered"),
});

/** Calls `body` for every root of a host map, under both kinds of sending and a seed that differs each time. */
export function onEveryRoot(hosts: readonly number[], body: (root: number, options: Options) => void): void {
  for (let root = 0; root < hosts.length; root++)
    for (const sends of ["rendezvous", "buffered"] as const) body(root, { seed: 31 * root + hosts.length, sends });
}

/** How many hosts a map has. */
export function hostCount(hosts: readonly number[]): number {
  return new Set(hosts).size;
}

/** How many ranks are not on the host of `rank`. */
export function ranksElsewhere(hosts: readonly number[], rank: number): number {
  return hosts.filter((host) => host !== hosts[rank]).length;
}

/** Numbers that tell of which rank and place they are. */
export const doubles = (length: number, rank = 0) => Float64Array.from({ length }, (_, i) => rank * 1e6 + i);

/** Data of a rank: an array of any type, heavy now and then, or a value. */
export function variousData(rank: number, seed: number): Data {
  const kind = (seed + rank * 7) % 5;
  if (kind === 0) return { value: { from: rank, list: [doubles(2, rank)], text: "é" } };
  if (kind === 1) return doubles(SMALL_LIMITS.directBytes / 8 + (rank % 2) - 1, rank);
  return randomArray(arrayTypes[(seed + rank) % arrayTypes.length]!, (rank * 3 + kind) % 7, seed + rank);
}
