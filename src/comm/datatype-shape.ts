/** The machinery under datatypes: where runs of bytes lie, as a tree of loops, and copying them out and in. */

/** `low` and `high` bound the bytes (high is the first byte after); `size` is how many there are. */
interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly size: number;
  /** 4, 2 or 1: all runs and distances are multiples of that many bytes. */
  readonly unit: number;
}

/** Bytes `low` to `high` − 1 in one piece. */
interface Run extends Bounds {
  readonly kind: "run";
}

/** `body` again and again, `stride` bytes apart. */
interface Loop extends Bounds {
  readonly kind: "loop";
  readonly count: number;
  readonly stride: number;
  readonly body: Shape;
}

/** One shape after the other. */
interface List extends Bounds {
  readonly kind: "list";
  readonly items: readonly Shape[];
}

export type Shape = Run | Loop | List;

const EMPTY: Run = { kind: "run", low: 0, high: 0, size: 0, unit: 4 };
/** From this length on a run is copied by the engine's own copy, below it word by word. */
const LONG_RUN_BYTES = 64;

/** Bytes `low` to `high` − 1. */
export function runShape(low: number, high: number): Shape {
  return high === low ? EMPTY : { kind: "run", low, high, size: high - low, unit: unitOf(low, high) };
}

/** A shape moved by some bytes. */
export function movedShape(shape: Shape, by: number): Shape {
  if (by === 0 || shape.size === 0) return shape;
  const bounds = { low: shape.low + by, high: shape.high + by, unit: Math.min(shape.unit, unitOf(by)) };
  switch (shape.kind) {
    case "run":
      return { ...shape, ...bounds };
    case "loop":
      return { ...shape, ...bounds, body: movedShape(shape.body, by) };
    case "list":
      return { ...shape, ...bounds, items: shape.items.map((item) => movedShape(item, by)) };
  }
}

/** A shape again and again. Loops that leave no gaps become runs, nested loops of one stride one loop. */
export function repeatedShape(body: Shape, count: number, stride: number): Shape {
  if (count === 0 || body.size === 0) return EMPTY;
  if (count === 1) return body;
  if (body.kind === "run" && stride === body.size) return runShape(body.low, body.low + count * stride);
  if (body.kind === "loop" && stride === body.count * body.stride)
    return repeatedShape(body.body, count * body.count, body.stride);
  const reach = (count - 1) * stride;
  return {
    kind: "loop",
    count,
    stride,
    body,
    low: body.low + Math.min(0, reach),
    high: body.high + Math.max(0, reach),
    size: count * body.size,
    unit: Math.min(body.unit, unitOf(stride)),
  };
}

/** Shapes one after the other; runs that touch become one. */
export function listShape(shapes: readonly Shape[]): Shape {
  const items: Shape[] = [];
  for (const shape of shapes.flatMap((each) => (each.kind === "list" ? each.items : [each]))) {
    const last = items.at(-1);
    if (shape.size === 0) continue;
    if (shape.kind === "run" && last?.kind === "run" && last.high === shape.low)
      items[items.length - 1] = runShape(last.low, shape.high);
    else items.push(shape);
  }
  if (items.length <= 1) return items[0] ?? EMPTY;
  return {
    kind: "list",
    items,
    low: items.reduce((low, item) => Math.min(low, item.low), Number.POSITIVE_INFINITY),
    high: items.reduce((high, item) => Math.max(high, item.high), Number.NEGATIVE_INFINITY),
    size: items.reduce((size, item) => size + item.size, 0),
    unit: items.reduce((unit, item) => Math.min(unit, item.unit), 4),
  };
}

/** Copies the bytes of a shape, whose origin is `base` in the view, into `packed` or from there. Nothing is checked. */
export function copyShape(
  shape: Shape,
  view: ArrayBufferView,
  base: number,
  packed: ArrayBufferView,
  direction: "pack" | "unpack",
): void {
  if (shape.size === 0) return;
  const start = view.byteOffset + base;
  const unit = Math.min(shape.unit, unitOf(start, packed.byteOffset));
  new Copier(view.buffer, packed, unit, direction === "pack").copy(shape, start);
}

type Words = Uint8Array | Uint16Array | Uint32Array;

/** Whole numbers only, never floats: storing a float may change the bits of a NaN. */
class Copier {
  /** The whole buffer of the view, as bytes and as words. */
  readonly #bytes: Uint8Array;
  readonly #words: Words;
  readonly #packedBytes: Uint8Array;
  readonly #packedWords: Words;
  readonly #unit: number;
  readonly #isPacking: boolean;
  /** Next byte of the packed side. */
  #position = 0;

  constructor(buffer: ArrayBufferLike, packed: ArrayBufferView, unit: number, isPacking: boolean) {
    this.#bytes = new Uint8Array(buffer);
    this.#words = wordsOf(buffer, 0, Math.floor(buffer.byteLength / unit), unit);
    this.#packedBytes = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
    this.#packedWords = wordsOf(packed.buffer, packed.byteOffset, packed.byteLength / unit, unit);
    this.#unit = unit;
    this.#isPacking = isPacking;
  }

  copy(shape: Shape, origin: number): void {
    switch (shape.kind) {
      case "run":
        return this.#runs(origin + shape.low, shape.size, 1, 0);
      case "loop":
        if (shape.body.kind === "run")
          return this.#runs(origin + shape.body.low, shape.body.size, shape.count, shape.stride);
        for (let i = 0; i < shape.count; i++) this.copy(shape.body, origin + i * shape.stride);
        return;
      case "list":
        for (const item of shape.items) this.copy(item, origin);
    }
  }

  #runs(first: number, size: number, count: number, stride: number): void {
    if (size < LONG_RUN_BYTES) {
      const unit = this.#unit;
      const from = this.#position / unit;
      if (this.#isPacking)
        collect(this.#words, first / unit, stride / unit, this.#packedWords, from, size / unit, count);
      else spread(this.#words, first / unit, stride / unit, this.#packedWords, from, size / unit, count);
    } else
      for (let i = 0; i < count; i++) {
        const at = first + i * stride;
        const packed = this.#packedBytes.subarray(this.#position + i * size, this.#position + (i + 1) * size);
        if (this.#isPacking) packed.set(this.#bytes.subarray(at, at + size));
        else this.#bytes.set(packed, at);
      }
    this.#position += count * size;
  }
}

function wordsOf(buffer: ArrayBufferLike, byteOffset: number, length: number, unit: number): Words {
  if (unit === 4) return new Uint32Array(buffer, byteOffset, length);
  return unit === 2 ? new Uint16Array(buffer, byteOffset, length) : new Uint8Array(buffer, byteOffset, length);
}

/** `count` runs of `size` words, `stride` apart, into one piece. */
function collect(
  words: Words,
  first: number,
  stride: number,
  packed: Words,
  from: number,
  size: number,
  count: number,
): void {
  let to = from;
  // Single elements of eight bytes are the most frequent: a column of doubles.
  if (size === 2)
    for (let i = 0, start = first; i < count; i++, start += stride, to += 2) {
      packed[to] = words[start]!;
      packed[to + 1] = words[start + 1]!;
    }
  else
    for (let i = 0, start = first; i < count; i++, start += stride)
      for (let k = 0; k < size; k++) packed[to++] = words[start + k]!;
}

/** The way back. */
function spread(
  words: Words,
  first: number,
  stride: number,
  packed: Words,
  from: number,
  size: number,
  count: number,
): void {
  let to = from;
  if (size === 2)
    for (let i = 0, start = first; i < count; i++, start += stride, to += 2) {
      words[start] = packed[to]!;
      words[start + 1] = packed[to + 1]!;
    }
  else
    for (let i = 0, start = first; i < count; i++, start += stride)
      for (let k = 0; k < size; k++) words[start + k] = packed[to++]!;
}

/** The greatest of 4, 2 and 1 that divides all of these. */
function unitOf(...distances: readonly number[]): number {
  return distances.every((each) => each % 4 === 0) ? 4 : distances.every((each) => each % 2 === 0) ? 2 : 1;
}
