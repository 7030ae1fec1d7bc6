/**
 * Several data as one message. Typed arrays alone become one run of raw bytes; with a boxed value among them, a boxed list. A place may be
 * empty: its data then come on their own, straight from rank to rank, because they are too large to be copied on the way.
 */
import { bytesOf, viewNameOf, viewNames, viewOver } from "../wire/typed-arrays.ts";
import type { Limits } from "./choice.ts";
import { type Data, isBoxed } from "./steps.ts";

/** Data in a bundle; undefined when they come on their own. */
export type Parcel = Data | undefined;

const EMPTY = -1;

/** True for arrays that are better sent straight to their rank than copied at the hosts' leaders. */
export function isHeavy(data: Data, { directBytes }: Limits): boolean {
  return !isBoxed(data) && data.byteLength >= directBytes;
}

/** The parcel of data in a bundle: empty for heavy ones. */
export function parcelOf(data: Data, limits: Limits): Parcel {
  return isHeavy(data, limits) ? undefined : data;
}

/** All parcels as one message. The raw form is a copy. */
export function bundle(parcels: readonly Parcel[]): Data {
  return parcels.every((parcel) => parcel === undefined || !isBoxed(parcel))
    ? rawBundle(parcels as readonly (ArrayBufferView | undefined)[])
    : { value: parcels.map(listed) };
}

/** The parcels again; views over the message, not copies. */
export function unbundle(data: Data): Parcel[] {
  if (isBoxed(data)) return (data.value as unknown[]).map(unlisted);
  const bytes = aligned(bytesOf(data));
  const count = new Float64Array(bytes.buffer, bytes.byteOffset, 1)[0]!;
  const table = new Float64Array(bytes.buffer, bytes.byteOffset + 8, 2 * count);
  let at = 8 + table.byteLength;
  return Array.from({ length: count }, (_, i) => {
    const code = table[2 * i]!;
    const length = table[2 * i + 1]!;
    const start = at;
    at += padded(length);
    return code === EMPTY ? undefined : viewOver(viewNames[code]!, bytes.subarray(start, start + length));
  });
}

/** One parcel as a message: an array as it is, without a copy. */
export function wrap(parcel: Parcel): Data {
  return parcel === undefined || isBoxed(parcel) ? { value: [listed(parcel)] } : parcel;
}

/** The parcel of `wrap`. */
export function unwrap(data: Data): Parcel {
  return isBoxed(data) ? unlisted((data.value as unknown[])[0]) : data;
}

function rawBundle(views: readonly (ArrayBufferView | undefined)[]): Uint8Array {
  const head = 8 + 16 * views.length;
  const bytes = new Uint8Array(views.reduce((sum, view) => sum + padded(view?.byteLength ?? 0), head));
  const table = new Float64Array(bytes.buffer, 0, 1 + 2 * views.length);
  table[0] = views.length;
  let at = head;
  for (const [i, view] of views.entries()) {
    table[1 + 2 * i] = view === undefined ? EMPTY : viewNames.indexOf(viewNameOf(view)!);
    table[2 + 2 * i] = view?.byteLength ?? 0;
    if (view === undefined) continue;
    bytes.set(bytesOf(view), at);
    at += padded(view.byteLength);
  }
  return bytes;
}

/** In a boxed list an array stands as it is, a value in a box of its own, an empty place as null. */
function listed(parcel: Parcel): unknown {
  return parcel ?? null;
}

function unlisted(entry: unknown): Parcel {
  return entry === null ? undefined : (entry as Data);
}

/** Bytes rounded up so that what follows lies where any element size needs it. */
function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}
