/** One run of every collective on three hosts of three ranks, for the table of docs/collectives.md. */
import { slotsOf } from "../../src/comm/buffers.ts";
import { LIMITS } from "../../src/comm/choice.ts";
import { allgather } from "../../src/comm/collectives/allgather.ts";
import { alltoall } from "../../src/comm/collectives/alltoall.ts";
import { barrier } from "../../src/comm/collectives/barrier.ts";
import { bcast } from "../../src/comm/collectives/bcast.ts";
import { gather, scatter } from "../../src/comm/collectives/gather.ts";
import { allreduce, reduce } from "../../src/comm/collectives/reduce.ts";
import { reduceScatter } from "../../src/comm/collectives/reduce-scatter.ts";
import { exscan, scan } from "../../src/comm/collectives/scan.ts";
import { SUM } from "../../src/comm/ops.ts";
import type { Algorithm, Place } from "../../src/comm/steps.ts";
import { simulate, type Traffic } from "./simulate.ts";

const HOSTS = [0, 0, 0, 1, 1, 1, 2, 2, 2] as const;

/** What each operation does with `data` of every rank; a ninth of it for what goes out in blocks. */
const operations: Record<string, (place: Place, data: Float64Array) => Algorithm<unknown>> = {
  barrier: (place) => barrier(place),
  bcast: (place, data) => bcast(place, place.rank === 0 ? data : undefined, 0),
  gather: (place, data) => gather(place, data.subarray(0, data.length / 9), 0),
  scatter: (place, data) => scatter(place, place.rank === 0 ? slotsOf(data, 9) : undefined, 0),
  allgather: (place, data) => allgather(place, data.subarray(0, data.length / 9), { uniform: true }),
  alltoall: (place, data) => alltoall(place, slotsOf(data, 9), { uniform: true }),
  reduce: (place, data) => reduce(place, data, SUM, 0),
  allreduce: (place, data) => allreduce(place, data, SUM),
  reduceScatter: (place, data) => reduceScatter(place, data, SUM),
  scan: (place, data) => scan(place, data, SUM),
  exscan: (place, data) => exscan(place, data, SUM),
  "allreduce, reproducible": (place, data) => allreduce(place, data, SUM, { reproducible: true }),
};

/** The bytes that must cross, with `bytes` on each rank: see docs/collectives.md for why. */
export const minimum: Record<string, (bytes: number) => number> = {
  barrier: () => 0,
  bcast: (bytes) => 2 * bytes,
  gather: (bytes) => (6 * bytes) / 9,
  scatter: (bytes) => (6 * bytes) / 9,
  allgather: (bytes) => (2 * 9 * bytes) / 9,
  alltoall: (bytes) => (9 * 6 * bytes) / 9,
  reduce: (bytes) => 2 * bytes,
  allreduce: (bytes) => 4 * bytes,
  reduceScatter: (bytes) => 2 * bytes,
  scan: (bytes) => 2 * bytes,
  exscan: (bytes) => 2 * bytes,
  "allreduce, reproducible": (bytes) => 4 * bytes,
};

export const operationNames: readonly string[] = Object.keys(operations);

const sines = Float64Array.from({ length: 90_000 }, (_, i) => Math.sin(i));

export function measure(operation: string, length: number): Traffic {
  const data = sines.subarray(0, length);
  return simulate(HOSTS, (place) => operations[operation]!(place, data), { limits: LIMITS }).traffic;
}
