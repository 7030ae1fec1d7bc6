/**
 * The forms in which a matrix may come, and the one in which a product is returned. `viewOf` turns every accepted form
 * into a `MatrixView`, checked once, so that nothing below has to look again. Copies nested arrays only.
 */
import { expected, shown, UsageError } from "../../errors.ts";
import { arrayNameOf, type DType, dtypeOf, isDType, type TypedArray } from "./dtype.ts";
import { typedFromNested, typedFromPlain } from "./nested.ts";

/**
 * A strided array of two dimensions: ours, a scijs `ndarray` (`stride`) or a stdlib one (`strides`).
 * Element (i, j) is `data[offset + i * strides[0] + j * strides[1]]`; strides and offset count elements, not bytes.
 */
export interface StridedMatrix {
  /** Rows and columns, whole numbers of 0 or more. */
  readonly shape: ArrayLike<number>;
  /** The elements; a plain array of numbers is read as float64, one of bigints as int64. */
  readonly data: TypedArray | readonly number[] | readonly bigint[];
  /** Elements from one row to the next and from one column to the next, may be negative or 0. Default: row-major and dense. */
  readonly strides?: ArrayLike<number>;
  /** scijs's name of `strides`. */
  readonly stride?: ArrayLike<number>;
  /** Index of element (0, 0) in `data`. Default 0. */
  readonly offset?: number;
  /** Only checked: the elements' type is that of `data`. */
  readonly dtype?: unknown;
}

/** All that is accepted as a matrix: rows of numbers (float64), rows of bigints (int64), or a strided array. */
export type MatrixLike = readonly (readonly number[])[] | readonly (readonly bigint[])[] | StridedMatrix;

/** A matrix that has been checked: typed data, strides and offset given, every element inside `data`. */
export interface MatrixView {
  readonly shape: readonly [rows: number, cols: number];
  readonly data: TypedArray;
  readonly strides: readonly [number, number];
  readonly offset: number;
  readonly dtype: DType;
}

/** A dense matrix in row-major order: element (i, j) is `data[i * shape[1] + j]`. What a product is returned as. */
export class Matrix {
  readonly shape: readonly [rows: number, cols: number];
  readonly data: TypedArray;
  readonly dtype: DType;

  /** Takes `data` as it is (no copy); its length must be rows × cols and its type that of `dtype`. */
  constructor(shape: readonly [rows: number, cols: number], data: TypedArray, dtype: DType) {
    this.shape = shape;
    this.data = data;
    this.dtype = dtype;
  }

  /** The rows as nested arrays: bigints for int64 and uint64, numbers for all other types. */
  toArray(): number[][] | bigint[][] {
    const [rows, cols] = this.shape;
    const row = (_: unknown, i: number) =>
      Array.from(this.data.subarray(i * cols, (i + 1) * cols) as ArrayLike<number>);
    return Array.from({ length: rows }, row);
  }
}

/**
 * Checks a matrix and tells how to read it. Typed data is not copied.
 *
 * @param name what error texts call the matrix, such as "a"
 * @throws UsageError for rows of different lengths, entries that are no numbers, numbers mixed with bigints,
 *   shapes that aren't two whole numbers, and data too short for shape, strides and offset
 */
export function viewOf(matrix: MatrixLike, name: string): MatrixView {
  if (Array.isArray(matrix)) return nestedView(matrix, name);
  if (typeof matrix !== "object" || matrix === null || !("shape" in matrix) || !("data" in matrix))
    throw expected(name, "a matrix: nested arrays or { shape: [rows, cols], data }", matrix);
  return stridedView(matrix as StridedMatrix, name);
}

function nestedView(rows: readonly unknown[], name: string): MatrixView {
  const { shape, data } = typedFromNested(rows, name);
  return { shape, data, strides: [shape[1], 1], offset: 0, dtype: dtypeOf(data) as DType };
}

function stridedView(matrix: StridedMatrix, name: string): MatrixView {
  const shape = pairOf(matrix.shape, `${name}.shape`, "two whole numbers of 0 or more, [rows, cols]", isSize);
  const data = Array.isArray(matrix.data) ? typedFromPlain(matrix.data, `${name}.data`) : matrix.data;
  const dtype = dtypeOf(data);
  if (!dtype) throw expected(`${name}.data`, "a typed array of numbers or bigints, or a plain array of them", data);
  checkDType(matrix, dtype, name);
  const given = matrix.strides ?? matrix.stride;
  const strides = given
    ? pairOf(given, `${name}.strides`, "two whole numbers, in elements", Number.isSafeInteger)
    : ([shape[1], 1] as const);
  const offset = matrix.offset ?? 0;
  if (!isSize(offset)) throw expected(`${name}.offset`, "a whole number of 0 or more, in elements", offset);
  const view: MatrixView = { shape, data: data as TypedArray, strides, offset, dtype };
  checkReach(view, name);
  return view;
}

/** A `dtype` that contradicts the data would give a result of a type that the caller doesn't expect. */
function checkDType({ dtype }: StridedMatrix, found: DType, name: string): void {
  if (isDType(dtype) && dtype !== found)
    throw new UsageError(
      `"${name}.dtype" says ${dtype} but "${name}.data" holds ${found}; the data must then be of class ${arrayNameOf(dtype)}.`,
    );
}

/** Every element lies inside `data`: it is enough to look at the lowest and the highest index. */
function checkReach({ shape, data, strides, offset }: MatrixView, name: string): void {
  if (shape[0] === 0 || shape[1] === 0) return;
  const ends = [(shape[0] - 1) * strides[0], (shape[1] - 1) * strides[1]];
  const low = offset + ends.reduce((sum, end) => sum + Math.min(end, 0), 0);
  const high = offset + ends.reduce((sum, end) => sum + Math.max(end, 0), 0);
  if (low >= 0 && high < data.length) return;
  throw new UsageError(
    `"${name}.data" has ${data.length} elements, but shape [${shape.join(", ")}] with strides [${strides.join(", ")}] ` +
      `and offset ${offset} reaches from index ${low} to ${high}.`,
  );
}

function pairOf(
  value: ArrayLike<number>,
  option: string,
  expectation: string,
  valid: (entry: unknown) => boolean,
): readonly [number, number] {
  if (typeof value !== "object" || value === null || value.length !== 2 || !valid(value[0]) || !valid(value[1]))
    throw new UsageError(`"${option}" must be ${expectation}, got ${shownList(value)}.`);
  return [value[0] as number, value[1] as number];
}

function shownList(value: unknown): string {
  return Array.isArray(value) && value.length <= 8 ? `[${value.map(shown).join(", ")}]` : shown(value);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
