/** A block in bands is the same block again, wherever it is to lie. */
import fc from "fast-check";
import { bandsOf, placeBand } from "../../src/kernels/matmul/bands.ts";
import { chunkBytes } from "../../src/limits.ts";

test("bands are whole rows in their order, and as long as one frame may be where a row is not longer", () => {
  const law = fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 400 }), (width, rows) => {
    const data = new Float64Array(width * rows);
    const bands = bandsOf(data, width);
    expect(bands.every(({ length }) => length > 0 && length % width === 0)).toBe(true);
    expect(bands.every(({ byteLength }) => byteLength <= chunkBytes)).toBe(true);
    expect(bands.map(({ byteOffset }) => byteOffset)).toEqual(bands.map((_, i) => i * bands[0]!.byteLength));
    expect(bands.reduce((sum, { length }) => sum + length, 0)).toBe(data.length);
  });
  fc.assert(law, { numRuns: 50 });
  expect(bandsOf(new Float64Array(600_000), 200_000).map(({ length }) => length)).toEqual([200_000, 200_000, 200_000]);
});

test("every row of a band comes to its place, and nothing else is touched", () => {
  const [rows, width, n] = [700, 300, 310];
  const block = Int32Array.from({ length: rows * width }, (_, i) => i + 1);
  const out = new Int32Array((rows + 5) * n);
  let row0 = 3;
  for (const band of bandsOf(block, width)) row0 = placeBand(band, { row0, col0: 7, col1: 7 + width }, out, n);
  expect(row0).toBe(3 + rows);
  const expected = new Int32Array(out.length);
  for (let i = 0; i < rows; i++) expected.set(block.subarray(i * width, (i + 1) * width), (i + 3) * n + 7);
  expect(out).toEqual(expected);
});
