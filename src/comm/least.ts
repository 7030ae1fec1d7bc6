/**
 * The least bytes that a collective can do with, between ranks and between hosts: docs/collectives.md says why these are the least.
 * Each rank counts what it knows of itself; the sum over all is the whole. Values count by what is sent of them: nobody knows their size.
 */
import type { Least } from "./device/sent-counts.ts";
import { type Data, isBoxed, type Place } from "./steps.ts";

const nothing: Least = { ranks: 0, hosts: 0 };

/** One array to, or combined from, all other ranks, so many times; counted by the rank that is asked to. */
export function leastToAll({ size, hosts }: Place, data: Data | undefined, times = 1): Least {
  const bytes = times * bytesIn(data);
  return bytes === 0 ? nothing : { ranks: bytes * (size - 1), hosts: bytes * (new Set(hosts).size - 1) };
}

/** One array to one rank. */
export function leastToOne({ rank, hosts }: Place, data: Data | undefined, to: number): Least {
  const bytes = bytesIn(data);
  return to === rank ? nothing : { ranks: bytes, hosts: hosts[to] === hosts[rank] ? 0 : bytes };
}

/** An array of its own to each rank, or to each of some; below 0 there is none. */
export function leastToEach(place: Place, parcels: readonly Data[] = [], destinations?: readonly number[]): Least {
  const sum = { ranks: 0, hosts: 0 };
  for (const [i, data] of parcels.entries()) {
    const to = destinations?.[i] ?? i;
    if (to < 0) continue;
    const { ranks, hosts } = leastToOne(place, data, to);
    sum.ranks += ranks;
    sum.hosts += hosts;
  }
  return sum;
}

function bytesIn(data: Data | undefined): number {
  return data === undefined || isBoxed(data) ? 0 : data.byteLength;
}
