import fc from "fast-check";
import { partition, trafficLowerBound } from "../../src/kernels/matmul/partition.ts";
import { cutsPerSide, piecesOf } from "../../src/kernels/matmul/pieces.ts";
import { doubleProduct, randomMatrix, worstError } from "./reference.ts";
import { partsOf, product } from "./run-kernel.ts";

const side = fc.integer({ min: 1, max: 1500 });
const cut = fc.integer({ min: 1, max: 4 });

test("the pieces of a block fill it, none overlap, and none is thin that needn't be", () => {
  const law = fc.property(side, side, cut, cut, (rows, cols, rowCuts, colCuts) => {
    const pieces = piecesOf({ row0: 5, row1: 5 + rows, col0: 9, col1: 9 + cols }, { rows: rowCuts, cols: colCuts });
    const area = pieces.reduce((sum, p) => sum + (p.row1 - p.row0) * (p.col1 - p.col0), 0);
    expect(area).toBe(rows * cols);
    const corners = new Set(pieces.map(({ row0, col0 }) => `${row0},${col0}`));
    expect(corners.size).toBe(pieces.length);
    for (const p of pieces) {
      expect(p.row1 - p.row0).toBeGreaterThanOrEqual(Math.min(rows, 256));
      expect(p.col1 - p.col0).toBeGreaterThanOrEqual(Math.min(cols, 256));
    }
  });
  fc.assert(law, { numRuns: 200 });
});

test("they come in the order of growing squares: what is computable with half of the panels comes first", () => {
  const pieces = piecesOf({ row0: 0, row1: 1024, col0: 0, col1: 1024 }, { rows: 4, cols: 4 });
  const squares = pieces.map(({ row0, col0 }) => Math.max(row0, col0) / 256);
  expect(squares).toEqual([0, 1, 1, 1, ...Array(5).fill(2), ...Array(7).fill(3)]);
});

test("on one host only rows are cut, and with many ranks nothing is", () => {
  expect(cutsPerSide(["a", "a"])).toEqual({ rows: 4, cols: 1 });
  expect(cutsPerSide(["a", "b"])).toEqual({ rows: 4, cols: 2 });
  expect(cutsPerSide(["a", "a", "b", "b"])).toEqual({ rows: 2, cols: 1 });
  expect(cutsPerSide(Array(9).fill("a"))).toEqual({ rows: 1, cols: 1 });
});

test("a large product in pieces is right, its ranks take turns, and its panels are still the lower bound", async () => {
  const [m, k, n] = [1030, 40, 1040];
  const hosts = ["a", "b"];
  const [a, b] = [randomMatrix(m, k, "float64", 1), randomMatrix(k, n, "float64", 2)];
  const parts = partsOf({ a, b }, hosts);
  expect(parts.slice(0, 4).map(({ rank }) => rank)).toEqual([0, 1, 0, 1]);
  const ofHosts = hosts.map(
    (_, h) => new Set(parts.filter(({ rank }) => rank === h).flatMap(({ part }) => [...part.a, ...part.b])),
  );
  const sent = ofHosts.flatMap((slices) => [...slices]).reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(sent).toBe(trafficLowerBound(partition({ m, k, n, aBytes: 8, bBytes: 8, cBytes: 8 }, hosts), hosts));
  const c = await product({ a, b }, hosts, true);
  expect(worstError(c.data as Float64Array, doubleProduct(a, b))).toBeLessThanOrEqual(1e-13);
});

test("rows of a dense matrix travel as they lie, without a copy", () => {
  const [a, b] = [randomMatrix(1200, 300, "float64", 1), randomMatrix(300, 1000, "float64", 2)];
  const parts = partsOf({ a, b }, ["a", "a"]);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.every(({ part }) => part.a[0]!.buffer === a.data.buffer && part.b[0]!.buffer === b.data.buffer)).toBe(
    true,
  );
});
