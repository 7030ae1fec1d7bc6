/**
 * A rank's block in pieces, so that it computes while panels still arrive, and the first results leave while it computes. Every
 * piece is a part of its own; panels that several pieces need still go to a host once.
 */
import type { Rect } from "./panel.ts";

/** The least rows and columns of a piece: what a BLAS library needs to be fast. */
const least = 256;
/** In how many pieces the rows of a block are cut at most; columns in half as many, for BLAS libraries like wide panels. */
const most = 4;

/**
 * How often the sides of blocks are cut. With many ranks it is not worth the while: the panels of one are under way while others
 * compute. On a single host nothing travels, and only rows are cut: whole rows need no copy to lie densely.
 */
export function cutsPerSide(hosts: readonly string[]): { readonly rows: number; readonly cols: number } {
  const cuts = Math.min(most, Math.max(1, Math.floor((2 * most) / hosts.length)));
  return { rows: cuts, cols: new Set(hosts).size > 1 ? Math.ceil(cuts / 2) : 1 };
}

/**
 * The pieces of a block, in the order that needs the fewest rows of a and columns of b for as many as possible: the squares from
 * the first corner on, each a row and a column larger than the one before.
 */
export function piecesOf(block: Rect, cuts: { readonly rows: number; readonly cols: number }): Rect[] {
  const rows = stretches(block.row0, block.row1, cuts.rows);
  const cols = stretches(block.col0, block.col1, cuts.cols);
  const pieces = rows.flatMap(([row0, row1], i) =>
    cols.map(([col0, col1], j) => ({ square: Math.max(i, j), rect: { row0, row1, col0, col1 } })),
  );
  return pieces.sort((x, y) => x.square - y.square).map(({ rect }) => rect);
}

function stretches(from: number, to: number, wanted: number): (readonly [number, number])[] {
  const count = Math.min(wanted, Math.max(1, Math.floor((to - from) / least)));
  const at = (i: number) => from + Math.round(((to - from) * i) / count);
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)]);
}
