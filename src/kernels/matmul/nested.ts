/**
 * Nested and plain arrays as typed data: numbers become float64, bigints int64. Checks every entry, since a string or
 * a hole in a million numbers would otherwise become NaN without a word.
 */
import { expected, shown, UsageError } from "../../errors.ts";
import { integerRange, type TypedArray } from "./dtype.ts";

const int64 = integerRange("int64");

/**
 * Rows of numbers or bigints as one dense row-major array. `[]` is 0×0 and `[[], []]` is 2×0, both float64.
 *
 * @throws UsageError naming the row, or the row and column, that isn't as expected
 */
export function typedFromNested(
  rows: readonly unknown[],
  name: string,
): { shape: readonly [number, number]; data: TypedArray } {
  const cols = Array.isArray(rows[0]) ? rows[0].length : 0;
  const data = emptyLike((rows[0] as readonly unknown[] | undefined)?.[0], rows.length * cols);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!Array.isArray(row)) throw expected(`${name}[${i}]`, "a row: an array of numbers or of bigints", row);
    if (row.length !== cols)
      throw new UsageError(
        `the rows of "${name}" differ in length: row 0 has ${cols} entries, row ${i} has ${row.length}.`,
      );
    fill(data, i * cols, row, (j) => `${name}[${i}][${j}]`);
  }
  return { shape: [rows.length, cols], data };
}

/** A plain array of numbers or bigints as typed data. */
export function typedFromPlain(values: readonly unknown[], name: string): TypedArray {
  const data = emptyLike(values[0], values.length);
  fill(data, 0, values, (j) => `${name}[${j}]`);
  return data;
}

function emptyLike(first: unknown, length: number): BigInt64Array | Float64Array {
  return typeof first === "bigint" ? new BigInt64Array(length) : new Float64Array(length);
}

function fill(
  data: BigInt64Array | Float64Array,
  at: number,
  values: readonly unknown[],
  nameOf: (j: number) => string,
): void {
  const type = isBig(data) ? "bigint" : "number";
  for (let j = 0; j < values.length; j++) {
    const value = values[j];
    if (typeof value !== type) throw wrongEntry(nameOf(j), type, value);
    if (type === "bigint") checkInt64(value as bigint, nameOf, j);
    (data as { [index: number]: unknown })[at + j] = value;
  }
}

function isBig(data: BigInt64Array | Float64Array): data is BigInt64Array {
  return Object.prototype.toString.call(data) === "[object BigInt64Array]";
}

function wrongEntry(option: string, type: "bigint" | "number", value: unknown): UsageError {
  const other = type === "bigint" ? "number" : "bigint";
  if (typeof value !== other) return expected(option, "a number or a bigint", value);
  return new UsageError(
    `"${option}" is ${shown(value)}, but the entries before it are ${type}s; make all of them numbers (float64) or all bigints (int64).`,
  );
}

function checkInt64(value: bigint, nameOf: (j: number) => string, j: number): void {
  if (value < int64.min || value > int64.max)
    throw expected(nameOf(j), "a bigint within int64; pass unsigned values as { shape, data: BigUint64Array }", value);
}
