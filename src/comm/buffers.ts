/** Copying and checking between data that came and the buffers in which a caller wants them. */
import { expected, shown, UsageError } from "../errors.ts";
import { bytesOf, viewNameOf, viewOver } from "../wire/typed-arrays.ts";
import { type Data, isBoxed } from "./steps.ts";

/** Where each rank's array is to be put; undefined: in a new one. */
export type Slots = readonly (ArrayBufferView | undefined)[];

/**
 * The data in `slot`, or as they are without one. Nothing is copied when they lie there already (in place).
 * @throws UsageError when they are no array, or of another length.
 */
export function placed(data: Data, slot: ArrayBufferView | undefined, what: string): Data {
  if (slot === undefined || slot === data) return data;
  if (isBoxed(data))
    throw new UsageError(`${what}: a value came (${shown(data.value)}) where an array was to be filled.`);
  if (data.byteLength !== slot.byteLength)
    throw new UsageError(
      `${what}: ${data.byteLength} bytes came for a buffer of ${slot.byteLength}; lengths must agree on all ranks.`,
    );
  if (data.buffer !== slot.buffer || data.byteOffset !== slot.byteOffset) bytesOf(slot).set(bytesOf(data));
  return slot;
}

/**
 * A rank's own data as part of its result: in the slot, or a copy of an array. (A boxed value is not copied.)
 * @throws UsageError as `placed`.
 */
export function kept(data: Data, slot: ArrayBufferView | undefined, what: string): Data {
  return slot === undefined && !isBoxed(data) ? copyOf(data) : placed(data, slot, what);
}

/** A new array of the same type and length, not filled with its elements. */
export function emptyLike(view: ArrayBufferView, byteLength = view.byteLength): ArrayBufferView {
  return viewOver(viewNameOf(view)!, new Uint8Array(byteLength));
}

/** A copy that nobody else holds. */
export function copyOf(view: ArrayBufferView): ArrayBufferView {
  return viewOver(viewNameOf(view)!, new Uint8Array(bytesOf(view)));
}

/** `count` elements of a typed array from `start`, not copied. */
export function elements(view: ArrayBufferView, start: number, count: number): ArrayBufferView {
  const array = view as Float64Array;
  return array.subarray(start, start + count);
}

/** How many elements a typed array has. */
export function lengthOf(view: ArrayBufferView): number {
  return (view as Float64Array).length;
}

/**
 * The places of all ranks in one buffer: for each rank `counts[i]` elements from `displacements[i]`, as the v-forms of MPI have them.
 *
 * @param counts of elements, one for each rank; default: the buffer in equal shares
 * @param displacements in elements; default: one after the other
 * @throws UsageError when a place lies outside of the buffer, or equal shares are not whole.
 */
export function slotsOf(
  buffer: ArrayBufferView,
  ranks: number,
  counts?: readonly number[],
  displacements?: readonly number[],
): ArrayBufferView[] {
  const length = lengthOf(buffer);
  if (viewNameOf(buffer) === undefined || length === undefined) throw expected("buffer", "a typed array", buffer);
  if (counts === undefined && length % ranks !== 0)
    throw new UsageError(`a buffer of ${length} elements can't be shared equally by ${ranks} ranks.`);
  if (counts !== undefined && counts.length !== ranks)
    throw expected("counts", `one for each of ${ranks} ranks`, counts);
  if (displacements !== undefined && displacements.length !== ranks)
    throw expected("displacements", `one for each of ${ranks} ranks`, displacements);
  let next = 0;
  return Array.from({ length: ranks }, (_, i) => {
    const count = counts?.[i] ?? length / ranks;
    const start = displacements?.[i] ?? next;
    next = start + count;
    if (!isCount(count) || !isCount(start) || next > length)
      throw new UsageError(
        `rank ${i}'s place (${count} elements from ${start}) lies outside of the buffer of ${length} elements.`,
      );
    return elements(buffer, start, count);
  });
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
