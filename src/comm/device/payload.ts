/** A message's data as bytes: a typed array as it is, any other value by the codec, in one piece. */
import { bytesOf, elementBytes, viewNameOf, viewNames, viewOver } from "../../wire/typed-arrays.ts";
import { decodeValue, encodeValue, openValue } from "../../wire/value-codec.ts";
import { Section } from "../section.ts";

/** The number of an encoded value; an array type's is its place in `viewNames`, from 1. */
export const valueType = 0;

/** A message's data ready to go. */
export interface Payload {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/**
 * A typed array goes without a copy, so it must not change until it has gone; a section is packed now, unless it lies in one piece;
 * anything else is encoded now.
 */
export function payloadOf(data: unknown): Payload {
  if (data instanceof Section) return { type: viewNames.indexOf(data.type) + 1, bytes: data.pack() };
  const name = ArrayBuffer.isView(data) ? viewNameOf(data) : undefined;
  if (name) return { type: viewNames.indexOf(name) + 1, bytes: bytesOf(data as ArrayBufferView) };
  return boxedPayload(data);
}

/** Any value by the codec, typed arrays among them. */
export function boxedPayload(value: unknown): Payload {
  return { type: valueType, bytes: packValue(value) };
}

/** The data again; a typed array is a view over `bytes`. */
export function dataOf(type: number, bytes: Uint8Array): unknown {
  if (type === valueType) return unpackValue(bytes);
  const name = viewNames[type - 1];
  if (!name) throw new TypeError("a message of no known type");
  return viewOver(name, bytes);
}

/** How many elements a message of a typed array has; 1 for a value. */
export function countOf(type: number, byteLength: number): number {
  return type === valueType ? 1 : byteLength / elementBytes(viewNames[type - 1]!);
}

/** How people call a type: in errors. */
export function typeName(type: number): string {
  return viewNames[type - 1] ?? "value";
}

/** Counts, then lengths, then the head, then each raw on a multiple of 8, so that views over them need no copy. */
function packValue(value: unknown): Uint8Array {
  const { head, raws } = encodeValue(value);
  const places: number[] = [];
  let end = aligned(8 + 4 * (raws.length + 1) + head.byteLength);
  for (const raw of raws) {
    places.push(end);
    end = aligned(end + raw.byteLength);
  }
  const out = new Uint8Array(end);
  const lengths = new Uint32Array(out.buffer, 0, 2 + raws.length);
  lengths.set([raws.length, head.byteLength, ...raws.map(({ byteLength }) => byteLength)]);
  out.set(head, lengths.byteLength);
  for (const [i, raw] of raws.entries()) out.set(raw, places[i]);
  return out;
}

function unpackValue(bytes: Uint8Array): unknown {
  const own = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const [count, headLength] = new Uint32Array(own.buffer, own.byteOffset, 2);
  const lengths = new Uint32Array(own.buffer, own.byteOffset + 8, count);
  const headAt = 8 + 4 * count;
  const raws: Uint8Array[] = [];
  let at = aligned(8 + 4 * (count + 1) + headLength);
  for (const length of lengths) {
    raws.push(own.subarray(at, at + length));
    at = aligned(at + length);
  }
  return decodeValue(openValue(own.subarray(headAt, headAt + headLength)), raws);
}

function aligned(at: number): number {
  return (at + 7) & ~7;
}
