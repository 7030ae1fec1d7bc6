/**
 * Computes one block of a product, of any element type, in this thread: picks between plain loops for small products, the
 * WASM engine or a BLAS library for large ones, and limbs for integers beyond 2^53. Knows nothing of ranks.
 */
import type { Blas } from "./blas/blas.ts";
import { blasProduct } from "./blas/product.ts";
import { blasTiler } from "./blas/tiler.ts";
import { bytesPerElement, type DType, dtypeOf, kindOf, type TypedArray, zeros } from "./dtype.ts";
import { type Engine, engineOfThread } from "./engine.ts";
import { magnitudeBits, planLimbs } from "./limbs.ts";
import { type FloatArray, type Load, loadBigInts, loadNumbers, type Operand } from "./operand.ts";
import { smallExact, smallFloat } from "./small.ts";
import {
  fitted,
  type MakeTiler,
  ROWS_PER_STEP,
  type Step,
  type Stripe,
  type Tile,
  type TileSize,
  tiler,
  tilesOf,
} from "./tile.ts";
import { wideProduct } from "./wide.ts";
import { integerStore, type Overflow } from "./within.ts";

/** How to compute. */
export interface BlockOptions {
  /** Plain loops instead of the engine. The caller says so, by the size of the whole product: bits must not depend on the cut. */
  readonly small: boolean;
  /** Called about twice a millisecond with the share of the work that has been done; may throw. */
  readonly step: (share: number) => void;
  /** Default: this thread's. */
  readonly engine?: Engine;
  /** Multiplies by this library. The caller says so, also by the size of the whole product. */
  readonly blas?: Blas | undefined;
}

/** Products of at most this many multiply-adds are done by plain loops: a quarter of a millisecond, less than the engine's set-up. */
const SMALL_PRODUCT = 2 ** 16;

/** Those of at least so many are worth a BLAS library: some milliseconds of the WASM engine, as much as finding and trying one takes. */
const LARGE_PRODUCT = 2 ** 25;

/** How a product is computed: by plain loops, by the engine, or by a BLAS library where there is one. */
export type ProductSize = "small" | "medium" | "large";

/** Goes by the whole product, not by a block of it: the bits must not depend on how it is cut. */
export function productSize(multiplyAdds: number): ProductSize {
  if (multiplyAdds <= SMALL_PRODUCT) return "small";
  return multiplyAdds < LARGE_PRODUCT ? "medium" : "large";
}

/** Exact integers beyond 2^53 cost a bigint each in the plain loops, so there the engine pays off sooner. */
const SMALL_EXACT = 2 ** 12;

/** A tile of doubles is 8 MB, and its packed panel of b 2 MB. With half the rows, b would be read and packed twice as often. */
const TILE: TileSize = { rows: 1024, cols: 1024 };

/** a · b as a dense row-major array of `dtype`, or where it doesn't fit. */
export function multiplyBlock(a: Operand, b: Operand, dtype: DType, options: BlockOptions): TypedArray | Overflow {
  if (kindOf(dtype) === "float") return floatBlock(a, b, dtype as "float64" | "float32", options);
  const [aBits, bBits] = [a, b].map(({ slices }) => magnitudeBits(slices, () => options.step(0))) as [number, number];
  if (aBits + bBits + Math.ceil(Math.log2(a.cols)) <= 53) return doublesBlock(a, b, dtype, options);
  if (a.rows * a.cols * b.cols <= SMALL_EXACT) return smallExact(a, b, dtype);
  const plan = planLimbs(aBits, bBits, a.cols);
  const step = counted(options, a.rows * a.cols * b.cols * plan.counts[0] * plan.counts[1]);
  return wideProduct(options.engine ?? engineOfThread(), tilerOf(options), a, b, dtype, plan, step);
}

/** Floating point: everything is read as the result's type first, as numpy does. */
function floatBlock(a: Operand, b: Operand, dtype: "float64" | "float32", options: BlockOptions): TypedArray {
  if (options.small) return smallFloat(a, b, dtype, loadOf(a), loadOf(b));
  if (options.blas && [a, b].every(({ slices }) => dtypeOf(slices[0]!.data) === dtype))
    return blasProduct(options.blas, a, b, dtype, counted(options, a.rows * a.cols * b.cols));
  const out = zeros(dtype, a.rows * b.cols) as FloatArray;
  eachTile(a, b, dtype, options, ({ tile: { row0, rows, col0, cols }, c, width }, step) => {
    for (let i = 0; i < rows; i++) {
      out.set(c.subarray(i * width, i * width + cols), (row0 + i) * b.cols + col0);
      if (i % ROWS_PER_STEP === 0) step(0);
    }
    return undefined;
  });
  return out;
}

/** Integers whose sums stay within 2^53: a product of doubles is exact, fused or not; then only the range is to be checked. */
function doublesBlock(a: Operand, b: Operand, dtype: DType, options: BlockOptions): TypedArray | Overflow {
  const { out, put } = integerStore(dtype, a.rows, b.cols);
  const all: Tile = { row0: 0, rows: a.rows, col0: 0, cols: b.cols };
  const overflow = options.small
    ? put(all, smallFloat(a, b, "float64", loadOf(a), loadOf(b)) as Float64Array, b.cols, options.step)
    : eachTile(a, b, "float64", options, ({ tile, c, width }, step) => put(tile, c as Float64Array, width, step));
  return overflow ?? out;
}

/** Runs over the stripes of all tiles of a product in the engine until `use` returns an overflow. */
function eachTile(
  a: Operand,
  b: Operand,
  type: "float64" | "float32",
  options: BlockOptions,
  use: (stripe: Stripe, step: Step) => Overflow | undefined,
): Overflow | undefined {
  const size = fitted(TILE, a, b);
  const { multiply } = tilerOf(options)(options.engine ?? engineOfThread(), type, size, a.cols);
  const step = counted(options, a.rows * a.cols * b.cols);
  for (const tile of tilesOf(a.rows, b.cols, size)) {
    for (const stripe of multiply(a, b, loadOf(a), loadOf(b), tile, step)) {
      const overflow = use(stripe, step);
      if (overflow) return overflow;
    }
  }
  return undefined;
}

function tilerOf({ blas }: BlockOptions): MakeTiler {
  return blas ? blasTiler(blas) : tiler;
}

function loadOf({ slices }: Operand): Load {
  const dtype = dtypeOf(slices[0]!.data) as DType;
  return kindOf(dtype) !== "float" && bytesPerElement(dtype) === 8 ? loadBigInts : loadNumbers;
}

/** Turns counts of multiply-adds into shares of `total`. */
function counted({ step }: BlockOptions, total: number): Step {
  let done = 0;
  return (multiplyAdds) => {
    done += multiplyAdds;
    step(done / total);
  };
}
