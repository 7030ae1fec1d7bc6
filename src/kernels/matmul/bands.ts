/**
 * A block of the result in bands of whole rows, each as long as one frame may be. What comes in one frame is not put together
 * first: each band is copied once, from the frame that it came in to its place in the result.
 */
import { chunkBytes } from "../../limits.ts";
import { copyBytes } from "../../wire/copy-bytes.ts";
import { bytesOf } from "../../wire/typed-arrays.ts";
import type { TypedArray } from "./dtype.ts";
import type { Rect } from "./panel.ts";

/** Views over `data`, rows of `width` elements; each has at least one row. */
export function bandsOf(data: TypedArray, width: number): TypedArray[] {
  const rows = Math.max(1, Math.floor(chunkBytes / (width * data.BYTES_PER_ELEMENT)));
  const bands: TypedArray[] = [];
  for (let at = 0; at < data.length; at += rows * width) bands.push(data.subarray(at, at + rows * width));
  return bands;
}

/**
 * Copies a band to its place.
 * @param place its first row, and the columns of its block
 * @param out n columns wide, of the same element type
 * @returns the row behind it
 */
export function placeBand(
  band: TypedArray,
  { row0, col0, col1 }: Omit<Rect, "row1">,
  out: TypedArray,
  n: number,
): number {
  const width = col1 - col0;
  const row1 = row0 + band.length / width;
  if (width === n) copyRow(band, out, row0 * n);
  else
    for (let i = row0; i < row1; i++)
      copyRow(band.subarray((i - row0) * width, (i - row0 + 1) * width), out, i * n + col0);
  return row1;
}

function copyRow(from: TypedArray, out: TypedArray, at: number): void {
  copyBytes(bytesOf(out.subarray(at, at + from.length)), bytesOf(from));
}
