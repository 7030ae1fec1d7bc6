/**
 * Which rank computes which block of a product, and what that costs on the network. Hosts first: the result is cut into
 * one rectangle per host, of an area in proportion to its ranks, so that the panels that hosts need are few bytes in all;
 * then each host's rectangle is cut among its ranks, which share the host's panels anyway.
 */
import { cutByAreas, type SideCosts } from "./columns.ts";
import type { Rect } from "./panel.ts";

/** The sizes of a product: a is m × k, b is k × n. */
export interface ProductShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Bytes per element of a, of b, and of the result. */
  readonly aBytes: number;
  readonly bBytes: number;
  readonly cBytes: number;
}

/** The rectangle of the result that one rank computes; it needs these rows of a and these columns of b. */
export interface Block extends Rect {
  readonly rank: number;
}

/** All blocks of a product. They don't overlap, fill the result, and no rank has two. */
export interface Partition {
  readonly shape: ProductShape;
  readonly blocks: readonly Block[];
}

/** What must reach and leave one host, in bytes of elements. */
export interface HostTraffic {
  /** The rows of a and the columns of b that its blocks need, each counted once. */
  readonly panelBytes: number;
  /** The blocks of the result that it computes. */
  readonly blockBytes: number;
}

/**
 * Gives every rank a block of nearly the same area; ranks beyond the number of elements get none. Not bound to a grid:
 * 7 ranks make columns of 2, 2 and 3 blocks, say, rather than 7 strips.
 *
 * @param hosts the host name of each rank
 */
export function partition(shape: ProductShape, hosts: readonly string[]): Partition {
  const costs = { perRow: shape.k * shape.aBytes, perCol: shape.k * shape.bBytes };
  const groups = [...ranksByHost(hosts).values()];
  const whole = { row0: 0, row1: shape.m, col0: 0, col1: shape.n };
  const territories = cutByAreas(
    whole,
    groups.map((ranks) => ranks.length),
    costs,
  );
  const blocks = groups.flatMap((ranks, g) => blocksWithin(territories[g]!, ranks, costs));
  return { shape, blocks: blocks.sort((x, y) => x.rank - y.rank) };
}

/** The least that any schedule of this partition must bring to the hosts: the sum of `panelBytes` over all hosts. */
export function trafficLowerBound(parts: Partition, hosts: readonly string[]): number {
  return [...trafficByHost(parts, hosts).values()].reduce((sum, { panelBytes }) => sum + panelBytes, 0);
}

/** What each host must receive and send for its blocks. The driver's own host (that of rank 0) needs no network for it. */
export function trafficByHost(parts: Partition, hosts: readonly string[]): Map<string, HostTraffic> {
  const { k, aBytes, bBytes, cBytes } = parts.shape;
  const traffic = new Map<string, HostTraffic>();
  for (const host of new Set(hosts)) {
    const own = parts.blocks.filter(({ rank }) => hosts[rank] === host);
    const rows = covered(own.map(({ row0, row1 }) => [row0, row1]));
    const cols = covered(own.map(({ col0, col1 }) => [col0, col1]));
    const elements = own.reduce((sum, r) => sum + (r.row1 - r.row0) * (r.col1 - r.col0), 0);
    traffic.set(host, { panelBytes: k * (rows * aBytes + cols * bBytes), blockBytes: elements * cBytes });
  }
  return traffic;
}

/**
 * What no partition with these areas can go below: a host with a share s of the result needs r rows and c columns with
 * r · c = s · m · n, and r · aBytes + c · bBytes is then at least 2 · √(r · c · aBytes · bBytes).
 */
export function idealTraffic({ m, k, n, aBytes, bBytes }: ProductShape, hosts: readonly string[]): number {
  const perHost = [...ranksByHost(hosts).values()].map((ranks) => (ranks.length / hosts.length) * m * n);
  return perHost.reduce((sum, area) => sum + 2 * k * Math.sqrt(area * aBytes * bBytes), 0);
}

/** Every row and every column at which some block begins or ends, ascending: the panels are cut there. */
export function cutsOf(blocks: readonly Rect[]): { rows: number[]; cols: number[] } {
  return {
    rows: ascending(blocks.flatMap(({ row0, row1 }) => [row0, row1])),
    cols: ascending(blocks.flatMap(({ col0, col1 }) => [col0, col1])),
  };
}

function blocksWithin(territory: Rect, ranks: readonly number[], costs: SideCosts): Block[] {
  const rects = cutByAreas(
    territory,
    ranks.map(() => 1),
    costs,
  );
  return rects.flatMap((rect, i) => (isEmpty(rect) ? [] : [{ rank: ranks[i]!, ...rect }]));
}

function isEmpty({ row0, row1, col0, col1 }: Rect): boolean {
  return row0 === row1 || col0 === col1;
}

function ranksByHost(hosts: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  hosts.forEach((host, rank) => {
    const ranks = groups.get(host);
    if (ranks) ranks.push(rank);
    else groups.set(host, [rank]);
  });
  return groups;
}

/** The number of whole numbers inside the union of the intervals [from, to). */
function covered(intervals: [number, number][]): number {
  let [sum, end] = [0, 0];
  for (const [from, to] of intervals.sort((x, y) => x[0] - y[0])) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}

function ascending(numbers: number[]): number[] {
  return [...new Set(numbers)].sort((x, y) => x - y);
}
