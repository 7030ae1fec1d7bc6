/**
 * One tile of a product at a time, in the engine's memory: reads the operands, packs and multiplies them. Every element
 * is summed in the same order however the product is cut into tiles, so its bits don't depend on the number of ranks.
 */
import { type Engine, layOut } from "./engine.ts";
import type { FloatArray, Load, Operand } from "./operand.ts";

/** How deep one packed panel is: 256 steps of k keep a panel of b in the first-level cache. */
const DEPTH = 256;
/** Rows of a panel of a, as `assembly/shared/gemm.ts` packs them. */
const HEIGHT = 5;
/** Rows of a packed at a time: 120 × 256 doubles fit the second-level cache. */
const ROWS = 120;
/**
 * Columns per call: 120 × 256 × 128 steps take about half a millisecond, and then cancel is looked at. The result lies in memory in
 * stripes of as many, so that what a call adds to is one stretch: in rows of 1024 doubles, every tile of registers would wait for memory.
 */
const COLS = 128;
/** Rows of b that are read before they are packed. */
const STAGE = 64;

/** Rows and columns of one tile of the result. */
export interface TileSize {
  readonly rows: number;
  readonly cols: number;
}

/** Where one tile lies in the result. */
export interface Tile {
  readonly row0: number;
  readonly rows: number;
  readonly col0: number;
  readonly cols: number;
}

/** A stripe of columns of what was computed: element (i, j) of its `tile` is `c[i * width + j]`. Valid until the next tile. */
export interface Stripe {
  readonly tile: Tile;
  readonly c: FloatArray;
  readonly width: number;
  /** Byte offset of `c` in the engine's memory. */
  readonly at: number;
  /** Number of elements in the tile's stripes before this one. */
  readonly from: number;
}

/** After how many rows of a tile a copying loop calls its step. */
export const ROWS_PER_STEP = 32;

/** Called after each piece of work of about half a millisecond with the number of multiply-adds done in it. May throw. */
export type Step = (multiplyAdds: number) => void;

/** A multiplier of tiles that owns the engine's memory until the product is done. */
export interface Tiler {
  /** Offsets of the areas asked for by `extraBytes`, for the caller's own use. */
  readonly extra: readonly number[];
  /** The product's tile in stripes from left to right, each right behind the one before in memory. */
  multiply(a: Operand, b: Operand, loadA: Load, loadB: Load, tile: Tile, step: Step): Stripe[];
}

/** Makes a tiler; see `tiler`. */
export type MakeTiler = (
  engine: Engine,
  type: "float64" | "float32",
  size: TileSize,
  k: number,
  extraBytes?: readonly number[],
) => Tiler;

/** A tile no larger than the block itself, so that small blocks take little memory. */
export function fitted(size: TileSize, a: Operand, b: Operand): TileSize {
  return { rows: Math.min(size.rows, a.rows), cols: Math.min(size.cols, b.cols) };
}

/** The tiles of a rows × cols result, row by row. */
export function* tilesOf(rows: number, cols: number, size: TileSize): Generator<Tile> {
  for (let row0 = 0; row0 < rows; row0 += size.rows)
    for (let col0 = 0; col0 < cols; col0 += size.cols)
      yield { row0, rows: Math.min(size.rows, rows - row0), col0, cols: Math.min(size.cols, cols - col0) };
}

/**
 * Lays out the engine's memory for tiles of at most `size` of a product of depth `k`.
 *
 * @param extraBytes sizes of further areas
 */
export function tiler(
  engine: Engine,
  type: "float64" | "float32",
  size: TileSize,
  k: number,
  extraBytes: readonly number[] = [],
): Tiler {
  const float = type === "float64" ? doubles(engine) : floats(engine);
  const { bytes, width } = float;
  const depth = Math.min(k, DEPTH);
  const [rows, cols] = [upTo(size.rows, HEIGHT), upTo(size.cols, width)];
  const packed = Math.min(rows, ROWS) * depth;
  const [c, stage, packedA, packedB, ...extra] = layOut(engine, [
    rows * cols * bytes,
    Math.max(packed, STAGE * cols) * bytes,
    packed * bytes,
    depth * cols * bytes,
    ...extraBytes,
  ]) as [number, number, number, number, ...number[]];
  // Only now: growing the memory detaches every earlier view of it.
  const view = float.view();
  return { extra, multiply };

  function multiply(a: Operand, b: Operand, loadA: Load, loadB: Load, tile: Tile, step: Step): Stripe[] {
    const stripes = stripesOf(tile);
    for (const stripe of stripes) stripe.c.fill(0);
    for (let p = 0; p < k; p += depth) {
      const deep = Math.min(depth, k - p);
      packB(b, loadB, tile, p, deep, step);
      for (let i = 0; i < tile.rows; i += ROWS) {
        const high = Math.min(ROWS, tile.rows - i);
        a.read(loadA, tile.row0 + i, high, p, deep, view, stage / bytes);
        float.packA(stage, packedA, high, deep);
        multiplyRows(stripes, i, high, deep, step);
      }
    }
    return stripes;
  }

  function stripesOf(tile: Tile): Stripe[] {
    const height = upTo(tile.rows, HEIGHT);
    return Array.from({ length: Math.ceil(tile.cols / COLS) }, (_, s) => {
      const wide = Math.min(COLS, tile.cols - s * COLS);
      const [from, padded] = [height * s * COLS, upTo(wide, width)];
      const at = c + from * bytes;
      return {
        tile: { ...tile, col0: tile.col0 + s * COLS, cols: wide },
        c: view.subarray(at / bytes, at / bytes + height * padded),
        width: padded,
        at,
        from,
      };
    });
  }

  function packB(b: Operand, load: Load, tile: Tile, p: number, deep: number, step: Step): void {
    for (let q = 0; q < deep; q += STAGE) {
      const count = Math.min(STAGE, deep - q);
      b.read(load, p + q, count, tile.col0, tile.cols, view, stage / bytes);
      float.packB(stage, packedB + q * 32, count, tile.cols, deep * 32);
      step(0);
    }
  }

  function multiplyRows(stripes: readonly Stripe[], i: number, high: number, deep: number, step: Step): void {
    let panels = packedB;
    for (const { tile, at, width: padded } of stripes) {
      const rowBytes = padded * bytes;
      float.multiply(packedA, panels, at + i * rowBytes, upTo(high, HEIGHT) / HEIGHT, padded / width, deep, rowBytes);
      panels += padded * deep * bytes;
      step(high * tile.cols * deep);
    }
  }
}

function doubles(engine: Engine) {
  const view = (): FloatArray => new Float64Array(engine.memory.buffer);
  return { bytes: 8, width: 4, view, packA: engine.packA64, packB: engine.packB64, multiply: engine.multiply64 };
}

function floats(engine: Engine) {
  const view = (): FloatArray => new Float32Array(engine.memory.buffer);
  return { bytes: 4, width: 8, view, packA: engine.packA32, packB: engine.packB32, multiply: engine.multiply32 };
}

function upTo(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
