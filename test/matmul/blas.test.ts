/** The way by a BLAS library, with the one of this machine. Skipped where there is none, unless MPITS_PEERS=required. */
import type { Blas } from "../../src/kernels/matmul/blas/blas.ts";
import { findBlas } from "../../src/kernels/matmul/blas/blas-of-thread.ts";
import { blasLibraries } from "../../src/kernels/matmul/blas/libraries.ts";
import { wrongWith } from "../../src/kernels/matmul/blas/self-test.ts";
import { multiplyBlock } from "../../src/kernels/matmul/block.ts";
import { type DType, resultType } from "../../src/kernels/matmul/dtype.ts";
import { sideBySide, stacked } from "../../src/kernels/matmul/operand.ts";
import { doubleProduct, exactProduct, randomMatrix, worstError } from "./reference.ts";

const { blas } = await findBlas("");
const missing = blas ? "" : "no BLAS library (apt-get install libopenblas0)";

if (missing && process.env.MPITS_PEERS === "required")
  test("a BLAS library is there, since MPITS_PEERS=required", () => {
    throw new Error(missing);
  });

(missing ? describe.skip : describe)(`by the machine's BLAS library${missing && ` (skipped: ${missing})`}`, () => {
  /** a of m × k in two slices, b of k × n in three: panels must find their way in each. */
  const block = ([m, k, n]: readonly number[], left: DType, right: DType, bits: number, step = () => {}) => {
    const [a, b] = [randomMatrix(m!, k!, left, 1, bits), randomMatrix(k!, n!, right, 2, bits)];
    const aCut = (m! >> 1) * k!;
    const slices = [0, 7, n! - 5, n!].flatMap((to, i, cuts) => (i === 0 ? [] : [columns(b, cuts[i - 1]!, to)]));
    const operands = [stacked([a.data.slice(0, aCut), a.data.slice(aCut)], k!), sideBySide(slices, k!)] as const;
    return { a, b, c: multiplyBlock(...operands, resultType(left, right), { small: false, blas: blas!, step }) };
  };
  const columns = ({ shape: [k, n], data }: ReturnType<typeof randomMatrix>, from: number, to: number) =>
    Float64Array.prototype.filter.call(data as Float64Array, (_, i) => i % n >= from && i % n < to && i < k * n);

  test.each([
    [[40, 30, 20], "float64", "float64"],
    [[601, 1100, 530], "float64", "float64"],
    [[530, 600, 90], "float32", "float32"],
    [[60, 300, 50], "float32", "float64"],
    [[60, 300, 50], "int16", "float64"],
  ] as const)("a product of %j, %s by %s, is right to rounding", (shape, left, right) => {
    const { a, b, c } = block(shape, left, right, 10);
    const bound = resultType(left, right) === "float64" ? 1e-13 : (shape[1] + 1) * 2 ** -24;
    expect(worstError(c as Float64Array, doubleProduct(a, b))).toBeLessThanOrEqual(bound);
  });

  test.each([
    ["int32", "int16", 10],
    ["int64", "int64", 26],
    ["uint64", "uint32", 28],
  ] as const)("integers are exact: %s by %s", (left, right, bits) => {
    const { a, b, c } = block([270, 300, 40], left, right, bits);
    expect(Array.from(c as ArrayLike<number>, BigInt)).toEqual(exactProduct(a, b));
  });

  test("a cancel is looked for in between, and ends the block", () => {
    let looks = 0;
    const step = () => {
      if (++looks === 3) throw new Error("cancelled");
    };
    expect(() => block([1100, 1100, 100], "float64", "float64", 10, step)).toThrow("cancelled");
  });

  test("it passes the trial; one that computes wrong in any way does not", () => {
    expect(wrongWith(blas!)).toBeUndefined();
    const faulty = (multiply: Blas["multiply"]) => wrongWith({ ...blas!, multiply });
    const overwrites = faulty((m, n, k, a, b, c) => blas!.multiply(m, n, k, a, b, c, false));
    expect(overwrites).toBe("its float64 product of 1×1×1 is wrong");
    const edges = faulty((m, n, k, a, b, c, add) => {
      blas!.multiply(m, n, k, a, b, c, add);
      if (m > 16 && c.data.BYTES_PER_ELEMENT === 4) c.data[c.at + m * n - 1]! += 1;
    });
    expect(edges).toBe("its float32 product of 17×33×65 is wrong");
    const skips = faulty((m, n, k, a, b, c, add) => {
      if (a.data.some((x) => x !== 0)) blas!.multiply(m, n, k, a, b, c, add);
    });
    expect(skips).toBe("it takes 0 · NaN for 0");
  });
});

test("MPITS_BLAS says which library, or that there is none", async () => {
  expect(await findBlas("off")).toEqual({ blas: undefined, refused: undefined });
  expect(await findBlas("no-such-library.so")).toEqual({
    blas: undefined,
    refused: expect.stringContaining("MPITS_BLAS=no-such-library.so can't be used: "),
  });
  expect(blasLibraries("/opt/my/blas.so", "linux")).toEqual(["/opt/my/blas.so"]);
  expect(blasLibraries(undefined, "linux")).toContain("libopenblas.so.0");
  expect(blasLibraries(undefined, "an unknown system")).toEqual([]);
});
