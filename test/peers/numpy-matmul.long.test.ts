/**
 * numpy itself as the judge, by .npy files through the system's Python. Skipped where that has no numpy, unless
 * MPITS_PEERS=required says that it must be there.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DType, dtypes, kindOf, resultType } from "../../src/kernels/matmul/dtype.ts";
import { formatNpy, parseNpy } from "../../src/npy/npy.ts";
import { doubleProduct, randomMatrix, worstError } from "../matmul/reference.ts";
import { product } from "../matmul/run-kernel.ts";

const PYTHON = process.env.MPITS_PYTHON ?? "/usr/bin/python3";
const found = spawnSync(PYTHON, ["-c", "import numpy; print(numpy.__version__)"], { encoding: "utf8" });
const missing = found.status === 0 ? "" : `${PYTHON} cannot import numpy (apt-get install python3-numpy)`;

if (missing && process.env.MPITS_PEERS === "required")
  test("numpy is there, since MPITS_PEERS=required", () => {
    throw new Error(missing);
  });
else (missing ? describe.skip : describe)(`numpy agrees${missing && ` (skipped: ${missing})`}`, numpyAgrees);

function numpyAgrees(): void {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mpits-numpy-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const python = (program: string, ...args: string[]) =>
    execFileSync(PYTHON, ["-c", `import numpy as np, sys\n${program}`, ...args], { cwd: folder, encoding: "utf8" });
  const write = (name: string, array: Parameters<typeof formatNpy>[0]) =>
    writeFileSync(join(folder, name), formatNpy(array));
  const read = (name: string) => parseNpy(readFileSync(join(folder, name)), name);

  test("on the result type of every pair", () => {
    const printed = python("for x in sys.argv[1:]:\n  print(*[np.result_type(x, y) for y in sys.argv[1:]])", ...dtypes);
    const wanted = dtypes.map((a) => dtypes.map((b) => resultType(a, b)).join(" "));
    expect(printed.trim().split("\n")).toEqual(wanted);
  });

  test("on products of every pair of types: integers to the bit, floats to rounding", async () => {
    const pairs = dtypes.flatMap((a) => dtypes.map((b) => [a, b] as const));
    const input = (dtype: DType, rows: number, cols: number) => randomMatrix(rows, cols, dtype, 7 * rows + cols, 2);
    for (const dtype of dtypes) {
      write(`a-${dtype}.npy`, input(dtype, 13, 9));
      write(`b-${dtype}.npy`, input(dtype, 9, 17));
    }
    python(
      "for p in sys.argv[1:]:\n  a, b = p.split(',')\n  np.save(f'c-{a}-{b}.npy', np.load(f'a-{a}.npy') @ np.load(f'b-{b}.npy'))",
      ...pairs.map((pair) => pair.join(",")),
    );
    for (const [left, right] of pairs) {
      const [a, b] = [input(left, 13, 9), input(right, 9, 17)];
      const c = await product({ a, b }, ["x", "x", "y"]);
      const theirs = read(`c-${left}-${right}.npy`);
      expect([left, right, c.dtype, c.shape]).toEqual([left, right, theirs.dtype, theirs.shape]);
      if (kindOf(c.dtype) !== "float") expect(c.data).toEqual(theirs.data);
      else expect(differenceOf(c.data, theirs.data, a, b)).toBeLessThan(c.dtype === "float64" ? 1e-14 : 1e-6);
    }
  });

  test("on large products, read in Fortran order and big-endian", async () => {
    const [a, b] = [randomMatrix(150, 700, "float64", 1), randomMatrix(700, 130, "float64", 2)];
    write("a.npy", a);
    write("b.npy", b);
    python(
      "a, b = np.load('a.npy'), np.load('b.npy')\nnp.save('c.npy', a @ b)\n" +
        "np.save('f.npy', np.asfortranarray(a))\nnp.save('e.npy', b.astype('>f8'))",
    );
    const c = await product({ a: read("f.npy"), b: read("e.npy") }, ["x", "y", "y", "z", "z"]);
    expect(differenceOf(c.data, read("c.npy").data, a, b)).toBeLessThan(1e-14);
  });

  test("on NaN, infinities and the sign of zero", async () => {
    const special = [
      0,
      -0,
      1,
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e-200,
      -1e-200,
      1e308,
    ];
    for (const repeat of [1, 30]) {
      const shape = [special.length * repeat, 1] as const;
      const data = Float64Array.from(Array(repeat).fill(special).flat());
      write("s.npy", { shape, data });
      python("s = np.load('s.npy')\nwith np.errstate(all='ignore'): np.save('t.npy', s @ s.T)");
      const c = await product({ a: { shape, data }, b: { shape: [1, data.length], data } });
      // Their order of sums differs, but each of these sums is of one term.
      expect(c.data).toEqual(read("t.npy").data);
    }
  });

  test("on files: numpy writes the same bytes for what it read from us", () => {
    for (const dtype of dtypes) {
      write("x.npy", randomMatrix(3, 5, dtype, 3));
      python("np.save('y.npy', np.load('x.npy'))");
      expect(readFileSync(join(folder, "y.npy")).equals(readFileSync(join(folder, "x.npy")))).toBe(true);
    }
  });
}

/** The largest difference, relative to |a| · |b|. */
function differenceOf(
  c: ArrayLike<unknown>,
  theirs: ArrayLike<unknown>,
  a: Parameters<typeof doubleProduct>[0],
  b: Parameters<typeof doubleProduct>[1],
): number {
  return worstError(c as ArrayLike<number>, {
    ...doubleProduct(a, b),
    sums: Float64Array.from(theirs as ArrayLike<number>),
  });
}
