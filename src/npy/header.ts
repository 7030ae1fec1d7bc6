/**
 * The header of a .npy file (NEP 1): magic bytes, version, length, and a Python dictionary of exactly the keys
 * `descr`, `fortran_order` and `shape`.
 */
import { UsageError } from "../errors.ts";
import { type DType, isDType } from "../kernels/matmul/dtype.ts";

/** What a header says. */
export interface Header {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  /** Where the elements begin, in bytes from the start of the file. */
  readonly dataAt: number;
}

const MAGIC = "\x93NUMPY";

/** Element data begin at a multiple of this, as numpy writes them. */
const ALIGNMENT = 64;

/** Reads a header. `file` is what error texts call the file. */
export function parseHeader(bytes: Uint8Array, file: string): Header {
  const { text, dataAt } = headerText(bytes, file);
  const entries = dictionaryOf(text, file);
  const { dtype, bigEndian } = elementType(entries.descr, file);
  return {
    shape: shapeOf(entries.shape, file),
    dtype,
    bigEndian,
    fortranOrder: entries.fortran_order === "True",
    dataAt,
  };
}

/** The bytes of a header of version 1.0, row-major, padded so that the data begin at a multiple of 64. */
export function writeHeader(descriptor: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(total).fill(0x20);
  const length = total - 10;
  out.set([...`${MAGIC}\x01\x00`].map((c) => c.charCodeAt(0)));
  out.set([length & 255, length >> 8], 8);
  out.set(new TextEncoder().encode(text), 10);
  out[total - 1] = 0x0a;
  return out;
}

function headerText(bytes: Uint8Array, file: string): { text: string; dataAt: number } {
  const latin1 = new TextDecoder("latin1");
  if (bytes.length < 10 || ![...MAGIC].every((c, i) => c.charCodeAt(0) === bytes[i]))
    throw new UsageError(`${file} is no .npy file: it doesn't begin with \\x93NUMPY.`);
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    throw new UsageError(`${file} is of .npy version ${version}.${bytes[7]}; versions 1 to 3 can be read.`);
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  const length = bytes.subarray(8, start).reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
  if (bytes.length < start + length)
    throw new UsageError(`${file} is cut short: its header needs ${start + length} bytes, and it has ${bytes.length}.`);
  const decoder = version === 3 ? new TextDecoder() : latin1;
  return { text: decoder.decode(bytes.subarray(start, start + length)), dataAt: start + length };
}

interface Entries {
  readonly descr: string;
  readonly fortran_order: string;
  readonly shape: string;
}

/** One entry of the dictionary: a quoted key, and a quoted string, a boolean, a tuple, or a list (of a structured type). */
const ENTRY = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*('[^']*'|"[^"]*"|True|False|\([^()]*\)|\[.*\])\s*(,|(?=\}))/y;

function dictionaryOf(text: string, file: string): Entries {
  const found = new Map<string, string>();
  const body = text.trim();
  ENTRY.lastIndex = 1;
  let end = 1;
  for (let match = ENTRY.exec(body); match; match = ENTRY.exec(body)) {
    found.set((match[1] ?? match[2])!, match[3]!);
    end = ENTRY.lastIndex;
  }
  const [descr, order, shape] = ["descr", "fortran_order", "shape"].map((key) => found.get(key));
  const whole = body.startsWith("{") && /^\s*\}$/.test(body.slice(end));
  if (!whole || found.size !== 3 || !descr || !shape || (order !== "True" && order !== "False"))
    throw new UsageError(
      `the header of ${file} must be {'descr': …, 'fortran_order': True or False, 'shape': …}, got ${JSON.stringify(body.slice(0, 120))}.`,
    );
  return { descr, fortran_order: order, shape };
}

function elementType(descr: string, file: string): { dtype: DType; bigEndian: boolean } {
  const match = /^['"]([<>|=]?)([iuf])([1248])['"]$/.exec(descr);
  const kind = { i: "int", u: "uint", f: "float" }[match?.[2] as "i" | "u" | "f"];
  const dtype = match && `${kind}${8 * Number(match[3])}`;
  if (!match || !isDType(dtype))
    throw new UsageError(
      `${file} holds elements of type ${descr.slice(0, 80)}; integers of 8 to 64 bits, float32 and float64 can be read.`,
    );
  return { dtype, bigEndian: match[1] === ">" };
}

function shapeOf(tuple: string, file: string): number[] {
  const match = /^\(\s*((?:\d+L?\s*,\s*)*(?:\d+L?\s*)?)\)$/.exec(tuple);
  const sides = (match?.[1] ?? "x")
    .split(",")
    .filter((side) => side.trim() !== "")
    .map((side) => Number.parseInt(side, 10));
  if (!sides.every(Number.isSafeInteger) || (sides.length === 1 && !tuple.includes(",")))
    throw new UsageError(
      `the shape in the header of ${file} must be a tuple of whole numbers, got ${tuple.slice(0, 80)}.`,
    );
  return sides;
}
