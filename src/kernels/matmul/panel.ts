/**
 * Rectangles of a matrix, dense and row-major, whatever its strides. These panels are what travels.
 */
import { type NumberArray, type TypedArray, zeros } from "./dtype.ts";
import type { MatrixView } from "./matrix.ts";

/** Rows `row0` to `row1` − 1 and columns `col0` to `col1` − 1. */
export interface Rect {
  readonly row0: number;
  readonly row1: number;
  readonly col0: number;
  readonly col1: number;
}

/** Side of the squares in which a matrix with foreign strides is walked, so that both sides stay in cache. */
const TILE = 32;

/** The elements of a rectangle, dense and row-major, of the same type: where they lie, if they lie there so, else a copy. */
export function panelOf(view: MatrixView, rect: Rect): TypedArray {
  const { data, strides, offset } = view;
  const [rows, cols] = [rect.row1 - rect.row0, rect.col1 - rect.col0];
  if (strides[1] !== 1 || (rows > 1 && strides[0] !== cols)) return copyPanel(view, rect);
  const from = offset + rect.row0 * strides[0] + rect.col0;
  return data.subarray(from, from + rows * cols);
}

function copyPanel(view: MatrixView, rect: Rect): TypedArray {
  const panel = zeros(view.dtype, (rect.row1 - rect.row0) * (rect.col1 - rect.col0));
  if (view.strides[1] === 1) copyRows(view, rect, panel);
  else for (const tile of tilesOf(rect)) copyTile(view, rect, tile, panel);
  return panel;
}

function copyRows({ data, strides, offset }: MatrixView, { row0, row1, col0, col1 }: Rect, panel: TypedArray): void {
  const cols = col1 - col0;
  for (let i = row0; i < row1; i++) {
    const from = offset + i * strides[0] + col0;
    // Both hold bigints or both hold numbers, which the union type cannot say.
    (panel as NumberArray).set((data as NumberArray).subarray(from, from + cols), (i - row0) * cols);
  }
}

function* tilesOf({ row0, row1, col0, col1 }: Rect): Generator<Rect> {
  for (let i = row0; i < row1; i += TILE)
    for (let j = col0; j < col1; j += TILE)
      yield { row0: i, row1: Math.min(i + TILE, row1), col0: j, col1: Math.min(j + TILE, col1) };
}

function copyTile({ data, strides, offset }: MatrixView, whole: Rect, tile: Rect, panel: TypedArray): void {
  const [to, from] = [panel as NumberArray, data as NumberArray];
  const width = whole.col1 - whole.col0;
  for (let i = tile.row0; i < tile.row1; i++)
    for (let j = tile.col0; j < tile.col1; j++)
      to[(i - whole.row0) * width + j - whole.col0] = from[offset + i * strides[0] + j * strides[1]] as number;
}
