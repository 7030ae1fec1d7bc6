/**
 * Cuts a rectangle into rectangles of given areas so that the sum of their weighted half perimeters is small:
 * the column-based partition of O. Beaumont, V. Boudet, F. Rastello, Y. Robert, "Matrix multiplication on heterogeneous
 * platforms" (IEEE TPDS 12, 2001), which is the best of all partitions into columns of stacked rectangles.
 * Pure geometry; knows nothing of ranks.
 */
import type { Rect } from "./panel.ts";

/** What a row and a column of a rectangle cost its owner. */
export interface SideCosts {
  readonly perRow: number;
  readonly perCol: number;
}

/**
 * One rectangle for each entry of `areas`, in the same order, together filling `whole`; areas are relative.
 * Areas that find no place, when there are more of them than elements or by an unlucky shape, get an empty rectangle.
 */
export function cutByAreas(whole: Rect, areas: readonly number[], costs: SideCosts): Rect[] {
  const upright = cutIntoColumns(whole, areas, costs);
  const lying = cutIntoColumns(turned(whole), areas, { perRow: costs.perCol, perCol: costs.perRow }).map(turned);
  return costOf(lying, costs) < costOf(upright, costs) ? lying : upright;
}

function costOf(rects: readonly Rect[], { perRow, perCol }: SideCosts): number {
  return rects.reduce((sum, r) => sum + (r.row1 - r.row0) * perRow + (r.col1 - r.col0) * perCol, 0);
}

function turned({ row0, row1, col0, col1 }: Rect): Rect {
  return { row0: col0, row1: col1, col0: row0, col1: row1 };
}

function cutIntoColumns(whole: Rect, areas: readonly number[], costs: SideCosts): Rect[] {
  const [rows, cols] = [whole.row1 - whole.row0, whole.col1 - whole.col0];
  const order = areas.map((_, i) => i).sort((x, y) => areas[y]! - areas[x]!);
  const placed = order.slice(0, rows * cols);
  const rects: Rect[] = areas.map(() => ({ ...whole, row1: whole.row0, col1: whole.col0 }));
  if (placed.length === 0) return rects;
  const sizes = placed.map((i) => areas[i]!);
  const columns = bestColumns(sizes, rows, cols, costs).map(([from, to]) => placed.slice(from, to));
  const widths = cuts(
    whole.col0,
    whole.col1,
    columns.map((members) => sumOf(members, areas)),
  );
  columns.forEach((members, c) => {
    const heights = cuts(
      whole.row0,
      whole.row1,
      members.map((i) => areas[i]!),
    );
    members.forEach((i, r) => {
      rects[i] = { row0: heights[r]!, row1: heights[r + 1]!, col0: widths[c]!, col1: widths[c + 1]! };
    });
  });
  return rects;
}

/**
 * Which runs of the sorted areas share a column. A column of c rectangles and share s of the whole costs c · s · cols for
 * their widths and rows for their heights; dynamic programming over (areas placed, columns used) finds the cheapest.
 */
function bestColumns(
  sizes: readonly number[],
  rows: number,
  cols: number,
  { perRow, perCol }: SideCosts,
): [number, number][] {
  const n = sizes.length;
  const most = Math.min(n, cols);
  const before = [0];
  for (const size of sizes) before.push(before[before.length - 1]! + size);
  const cost: number[][] = Array.from({ length: most + 1 }, () => new Array(n + 1).fill(Number.POSITIVE_INFINITY));
  const start: number[][] = Array.from({ length: most + 1 }, () => new Array(n + 1).fill(0));
  cost[0]![0] = 0;
  for (let used = 1; used <= most; used++)
    for (let end = used; end <= n; end++)
      for (let from = Math.max(used - 1, end - rows); from < end; from++) {
        const share = (before[end]! - before[from]!) / before[n]!;
        const sum = cost[used - 1]![from]! + (end - from) * share * cols * perCol + rows * perRow;
        if (sum < cost[used]![end]!) [cost[used]![end], start[used]![end]] = [sum, from];
      }
  return runsFrom(cost, start, n);
}

function runsFrom(cost: readonly number[][], start: readonly number[][], n: number): [number, number][] {
  let used = 0;
  for (let columns = 1; columns < cost.length; columns++) if (cost[columns]![n]! < cost[used]![n]!) used = columns;
  const runs: [number, number][] = [];
  for (let end = n; used > 0; used--) {
    const from = start[used]![end]!;
    runs.unshift([from, end]);
    end = from;
  }
  return runs;
}

/** Where to cut [from, to) in proportion to `weights`, each piece getting at least 1 (there are never more than fit). */
function cuts(from: number, to: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const at = [from];
  let sum = 0;
  weights.forEach((weight, i) => {
    sum += weight;
    const ideal = from + Math.round(((to - from) * sum) / total);
    const left = weights.length - 1 - i;
    at.push(left === 0 ? to : Math.min(Math.max(ideal, at[i]! + 1), to - left));
  });
  return at;
}

function sumOf(members: readonly number[], areas: readonly number[]): number {
  return members.reduce((sum, i) => sum + areas[i]!, 0);
}
