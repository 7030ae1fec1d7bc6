/**
 * The matrix product as a kernel: cuts the result into one block per rank, large blocks into pieces, sends every host the panels of
 * a and b that its blocks need, once, and puts the pieces together as they come. The arithmetic is in `block.ts`, the cutting in
 * `partition.ts` and `pieces.ts`.
 */
import { UsageError } from "../../errors.ts";
import { releaseFrame } from "../../received-memory.ts";
import { defineKernel, type RankContext } from "../define-kernel.ts";
import { forRank, lend, move } from "../share.ts";
import { arithmeticFor, sumUp, wordsFor } from "./arithmetic.ts";
import { bandsOf, placeBand } from "./bands.ts";
import { multiplyBlock, type ProductSize, productSize } from "./block.ts";
import { bytesPerElement, type DType, integerRange, resultType, type TypedArray, zeros } from "./dtype.ts";
import { Matrix, type MatrixLike, viewOf } from "./matrix.ts";
import { sideBySide, stacked } from "./operand.ts";
import { panelOf, type Rect } from "./panel.ts";
import { type Block, cutsOf, type ProductShape, partition, trafficByHost } from "./partition.ts";
import { cutsPerSide, piecesOf } from "./pieces.ts";
import type { Overflow } from "./within.ts";

/** The two matrices to multiply: a is m × k and b is k × n. */
export interface MatMulInput {
  readonly a: MatrixLike;
  readonly b: MatrixLike;
}

/** What one rank gets for a piece of its block: the slices of a (row-major, one below the other) and of b (side by side) that its block needs. */
export interface MatMulPart {
  /** Where the block lies in the result. */
  readonly block: Rect;
  readonly k: number;
  readonly dtype: DType;
  readonly size: ProductSize;
  /** Ranks of its host. */
  readonly ranksHere: number;
  readonly a: readonly TypedArray[];
  readonly b: readonly TypedArray[];
}

/**
 * What one rank gives: its block, dense and row-major, in bands of whole rows, or the first sum found that doesn't fit (row and
 * column of the result). `by` says what has computed it.
 */
export type MatMulPartial = { readonly block: Rect; readonly rank: number; readonly by: string } & (
  | { readonly bands: readonly TypedArray[] }
  | { readonly overflow: Overflow }
);

/**
 * The matrix product a · b. Result: a dense `Matrix` of m × n, of numpy's `result_type` of the two element types.
 *
 * Integers are exact; a sum that its type cannot hold is a `UsageError` that names its row and column (numpy wraps silently).
 * Doubles and floats are summed as IEEE 754 says, from +0 on: large products by the BLAS library of each host, others and where
 * there is none by our own kernel, whose bits don't depend on the number of ranks. Result blocks follow `partition`; see docs/matmul.md.
 *
 * @throws UsageError for matrices that can't be read, and for shapes that don't go together
 */
export const matMulKernel = defineKernel({
  name: "matMul",
  module: import.meta.url,
  order: "arrival",
  prepare: ({ a, b }: MatMulInput): MatMulInput => productOf(a, b).views,

  *scatter({ a, b }: MatMulInput, world) {
    const { views, shape, dtype } = productOf(a, b);
    if (shape.m * shape.n * shape.k === 0) return;
    const size = productSize(shape.m * shape.n * shape.k);
    const pieces = inTurn(partition(shape, world.hosts).blocks, size === "large" ? cutsPerSide(world.hosts) : uncut);
    const cuts = cutsOf(pieces);
    const rowSlice = sliceMaker(cuts.rows, (row0, row1) => panelOf(views.a, { row0, row1, col0: 0, col1: shape.k }));
    const colSlice = sliceMaker(cuts.cols, (col0, col1) => panelOf(views.b, { row0: 0, row1: shape.k, col0, col1 }));
    for (const { rank, ...block } of pieces)
      yield forRank<MatMulPart>(rank, {
        block,
        k: shape.k,
        dtype,
        size,
        ranksHere: world.hosts.filter((host) => host === world.hosts[rank]).length,
        a: rowSlice(block.row0, block.row1),
        b: colSlice(block.col0, block.col1),
      });
  },

  async compute(part: MatMulPart, rank): Promise<MatMulPartial> {
    const { block, k } = part;
    const step = stepOf(rank, block.row1 - block.row0);
    step(0);
    const arithmetic = await arithmeticFor(part.size, rank.threads, part.ranksHere);
    const data = multiplyBlock(stacked(part.a, k), sideBySide(part.b, k), part.dtype, { ...arithmetic, step });
    step(1);
    const by = wordsFor(arithmetic);
    if (ArrayBuffer.isView(data))
      return { block, rank: rank.rank, by, bands: bandsOf(move(data), block.col1 - block.col0) };
    return {
      block,
      rank: rank.rank,
      by,
      overflow: { ...data, row: block.row0 + data.row, col: block.col0 + data.col },
    };
  },

  async reduce(partials: AsyncIterable<MatMulPartial>, { a, b }: MatMulInput, job): Promise<Matrix> {
    const { shape, dtype } = productOf(a, b);
    if (productSize(shape.m * shape.n * shape.k) !== "small")
      job.note("leastBytes", String(leastBytes(shape, job.world.hosts)));
    const by = new Map<number, string>();
    let out: TypedArray | undefined;
    for await (const partial of partials) {
      by.set(partial.rank, partial.by);
      if ("overflow" in partial) throw overflowError(partial.overflow, dtype);
      const [first, ...more] = partial.bands as [TypedArray, ...TypedArray[]];
      out ??= isWhole(partial.block, shape) && more.length === 0 ? first : zeros(dtype, shape.m * shape.n);
      if (out === first) continue;
      let { row0 } = partial.block;
      for (const band of partial.bands) {
        row0 = placeBand(band, { ...partial.block, row0 }, out, shape.n);
        releaseFrame(band);
      }
    }
    if (by.size > 0) job.note("arithmetic", sumUp([...by.values()]));
    return new Matrix([shape.m, shape.n], out ?? zeros(dtype, shape.m * shape.n), dtype);
  },
});

/** Of a typed array, on Node 20. */
const MAX_ELEMENTS = 2 ** 32 - 1;

/** Both matrices checked, with the sizes and the type of their product. Cheap when they have been checked before. */
function productOf(left: MatrixLike, right: MatrixLike) {
  const views = { a: viewOf(left, "a"), b: viewOf(right, "b") };
  const { a, b } = views;
  if (a.shape[1] !== b.shape[0])
    throw new UsageError(
      `the columns of "a" must be as many as the rows of "b", got ${a.shape.join("×")} and ${b.shape.join("×")}.`,
    );
  if (a.shape[0] * b.shape[1] > MAX_ELEMENTS)
    throw new UsageError(
      `the product of ${a.shape.join("×")} and ${b.shape.join("×")} has more elements than one typed array can hold; multiply it in parts.`,
    );
  const dtype = resultType(a.dtype, b.dtype);
  const bytes = { aBytes: bytesPerElement(a.dtype), bBytes: bytesPerElement(b.dtype), cBytes: bytesPerElement(dtype) };
  const shape: ProductShape = { m: a.shape[0], k: a.shape[1], n: b.shape[1], ...bytes };
  return { views, shape, dtype };
}

/** What has to go to the hosts and come back for this product as it is cut. */
function leastBytes(shape: ProductShape, hosts: readonly string[]): number {
  const ofHosts = [...trafficByHost(partition(shape, hosts), hosts).values()];
  return ofHosts.reduce((sum, { panelBytes, blockBytes }) => sum + panelBytes + blockBytes, 0);
}

const uncut = { rows: 1, cols: 1 };

/** The pieces of all blocks: the first one of every rank, then the second ones. */
function inTurn(blocks: readonly Block[], cuts: typeof uncut): Block[] {
  const ofRanks = blocks.map(({ rank, ...block }) => piecesOf(block, cuts).map((piece) => ({ rank, ...piece })));
  const most = Math.max(...ofRanks.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) => ofRanks.flatMap((pieces) => pieces[i] ?? [])).flat();
}

/** Gives the slices between two cuts, each made once and marked as shared, so that it reaches a host once. */
function sliceMaker(cuts: readonly number[], make: (from: number, to: number) => TypedArray) {
  const made = new Map<number, TypedArray>();
  const sliceAt = (i: number): TypedArray => {
    const slice = made.get(i) ?? lend(make(cuts[i]!, cuts[i + 1]!));
    made.set(i, slice);
    return slice;
  };
  return (from: number, to: number): TypedArray[] => {
    const [first, end] = [cuts.indexOf(from), cuts.indexOf(to)];
    return Array.from({ length: end - first }, (_, i) => sliceAt(first + i));
  };
}

/** Reports progress in rows, and ends the block when the job was cancelled. */
function stepOf(rank: RankContext, rows: number): (share: number) => void {
  return (share) => {
    if (rank.cancelRequested()) rank.raiseIfCancelled();
    rank.progress(Math.floor(share * rows), rows);
  };
}

function isWhole({ row0, row1, col0, col1 }: Rect, { m, n }: ProductShape): boolean {
  return row0 === 0 && col0 === 0 && row1 === m && col1 === n;
}

function overflowError({ row, col, sum }: Overflow, dtype: DType): UsageError {
  const { min, max } = integerRange(dtype);
  const wider = dtype === "int64" || dtype === "uint64" ? "float64" : "a wider type, such as int64 or float64,";
  return new UsageError(
    `the sum at row ${row}, column ${col} of the product is ${sum}, which ${dtype} cannot hold (${min} to ${max}). ` +
      `Cast "a" or "b" to ${wider} first.`,
  );
}
