/**
 * Tiles by a BLAS library, for operands that have to be converted first: integers to doubles, limbs, floats to doubles. They
 * are read to the engine's memory as for the engine's own kernel, and multiplied there.
 */
import { layOut } from "../engine.ts";
import type { FloatArray } from "../operand.ts";
import type { MakeTiler } from "../tile.ts";
import type { Blas } from "./blas.ts";

/** Terms that are summed in one call. */
const DEPTH = 256;
/** Rows that are read between two looks at a cancel. */
const ROWS = 64;

export function blasTiler(blas: Blas): MakeTiler {
  return (engine, type, size, k, extraBytes = []) => {
    const bytes = type === "float64" ? 8 : 4;
    const depth = Math.min(k, DEPTH);
    const [c, left, right, ...extra] = layOut(engine, [
      size.rows * size.cols * bytes,
      size.rows * depth * bytes,
      depth * size.cols * bytes,
      ...extraBytes,
    ]) as [number, number, number, ...number[]];
    const { buffer } = engine.memory;
    const data: FloatArray = type === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
    const [atC, atLeft, atRight] = [c / bytes, left / bytes, right / bytes];
    return {
      extra,
      multiply(a, b, loadA, loadB, tile, step) {
        const { row0, rows, col0, cols } = tile;
        for (let p = 0; p < k; p += depth) {
          const deep = Math.min(depth, k - p);
          for (let q = 0; q < deep; q += ROWS) {
            b.read(loadB, p + q, Math.min(ROWS, deep - q), col0, cols, data, atRight + q * cols);
            step(0);
          }
          for (let i = 0; i < rows; i += ROWS) {
            a.read(loadA, row0 + i, Math.min(ROWS, rows - i), p, deep, data, atLeft + i * deep);
            step(0);
          }
          const [panelA, panelB] = [
            { data, at: atLeft, stride: deep },
            { data, at: atRight, stride: cols },
          ];
          blas.multiply(rows, cols, deep, panelA, panelB, { data, at: atC, stride: cols }, p > 0);
          step(rows * cols * deep);
        }
        return [{ tile, c: data.subarray(atC, atC + rows * cols), width: cols, at: c, from: 0 }];
      },
    };
  };
}
