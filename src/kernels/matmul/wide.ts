/**
 * Products of integers whose sums may exceed 2^53: each pair of limbs is an exact product of doubles in the engine, and
 * these are added up in 128 bits, where the result's range is checked.
 */
import { type DType, integerRange, kindOf, type NumberArray, type TypedArray, zeros } from "./dtype.ts";
import type { Engine } from "./engine.ts";
import { type LimbPlan, loadLimb } from "./limbs.ts";
import type { Operand } from "./operand.ts";
import {
  fitted,
  type MakeTiler,
  type Step,
  type Stripe,
  type Tile,
  type Tiler,
  type TileSize,
  tilesOf,
} from "./tile.ts";
import type { Overflow } from "./within.ts";

/** Small, so that adding a tile up in 128 bits takes well under a millisecond. */
const TILE: TileSize = { rows: 256, cols: 256 };

/** a · b for integers of any size, exactly, or where it doesn't fit. Takes as many products as `plan` has pairs of limbs. */
export function wideProduct(
  engine: Engine,
  makeTiler: MakeTiler,
  a: Operand,
  b: Operand,
  dtype: DType,
  plan: LimbPlan,
  step: Step,
): TypedArray | Overflow {
  const size = fitted(TILE, a, b);
  const bytes = 8 * (size.rows + 4) * (size.cols + 3);
  const tiles = makeTiler(engine, "float64", size, a.cols, [bytes, bytes, bytes]);
  const sums = wideSums(engine, tiles.extra as [number, number, number], bytes);
  const out = zeros(dtype, a.rows * b.cols);
  for (const tile of tilesOf(a.rows, b.cols, size)) {
    for (const stripe of addLimbProducts(tiles, sums, a, b, plan, tile, step)) {
      const overflow = sums.firstOutside(dtype, stripe);
      if (overflow) return overflow;
      copyWords(sums.words(stripe), stripe.width, stripe.tile, out, b.cols);
      step(0);
    }
  }
  return out;
}

function addLimbProducts(
  { multiply }: Tiler,
  sums: WideSums,
  a: Operand,
  b: Operand,
  { bits, counts }: LimbPlan,
  tile: Tile,
  step: Step,
): readonly Stripe[] {
  sums.clear();
  let last: readonly Stripe[] = [];
  for (let i = 0; i < counts[0]; i++)
    for (let j = 0; j < counts[1]; j++) {
      last = multiply(a, b, loadLimb(i, bits[0]), loadLimb(j, bits[1]), tile, step);
      for (const stripe of last) sums.add(stripe, i * bits[0] + j * bits[1]);
      step(0);
    }
  return last;
}

type WideSums = ReturnType<typeof wideSums>;

/** The 128-bit sums of one tile, in three areas of the engine's memory: low words, high words, rough values. */
function wideSums(engine: Engine, [low, high, rough]: readonly [number, number, number], bytes: number) {
  const { buffer } = engine.memory;
  return {
    clear(): void {
      for (const at of [low, high, rough]) new Uint8Array(buffer, at, bytes).fill(0);
    },
    add({ c, at, from }: Stripe, shift: number): void {
      engine.addWide(at, low + 8 * from, high + 8 * from, rough + 8 * from, c.length, shift);
    },
    firstOutside(dtype: DType, { tile, c, width, from }: Stripe): Overflow | undefined {
      const { min, max } = integerRange(dtype);
      const unsigned = kindOf(dtype) === "uint";
      const [lows, highs, roughs] = [low + 8 * from, high + 8 * from, rough + 8 * from];
      const at = engine.firstOutside(lows, highs, roughs, c.length, unsigned, min, BigInt.asIntN(64, max));
      if (at < 0) return undefined;
      return { row: tile.row0 + Math.floor(at / width), col: tile.col0 + (at % width), sum: sumAt(from + at) };
    },
    words({ c, from }: Stripe): Int32Array {
      return new Int32Array(buffer, low + 8 * from, 2 * c.length);
    },
  };

  function sumAt(at: number): string {
    const about = new Float64Array(buffer, rough, at + 1)[at]!;
    if (Math.abs(about) > 2 ** 100) return `about ${about.toPrecision(4)}`;
    const upper = new BigInt64Array(buffer, high, at + 1)[at]!;
    return String((upper << 64n) + new BigUint64Array(buffer, low, at + 1)[at]!);
  }
}

/** Copies 64-bit sums that are known to fit: both their words, or only the low one for narrower types. */
function copyWords(words: Int32Array, width: number, tile: Tile, out: TypedArray, cols: number): void {
  const both = out.BYTES_PER_ELEMENT === 8 ? new Int32Array(out.buffer) : undefined;
  for (let i = 0; i < tile.rows; i++) {
    const row = words.subarray(2 * i * width, 2 * (i * width + tile.cols));
    const at = (tile.row0 + i) * cols + tile.col0;
    if (both) both.set(row, 2 * at);
    else for (let j = 0; j < tile.cols; j++) (out as NumberArray)[at + j] = row[2 * j]!;
  }
}
