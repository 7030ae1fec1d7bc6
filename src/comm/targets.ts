/**
 * What a caller of a collective has to send and where the results shall be put, as the algorithms need them: these know plain
 * arrays only, so sections are packed before and unpacked after, and a buffer for all ranks is cut into their shares.
 */
import { expected } from "../errors.ts";
import { bytesOf, viewOver } from "../wire/typed-arrays.ts";
import { slotsOf } from "./buffers.ts";
import { Section } from "./section.ts";
import { type Data, fromData, toData } from "./steps.ts";

/** Where an array is put: into an array of the same length, or into a section of one. */
export type Target = ArrayBufferView | Section;

/** Where the arrays of several ranks are put. */
export interface ManyTargets {
  /** One buffer for all, or a target for each. */
  readonly into?: ArrayBufferView | readonly (Target | undefined)[];
  /** Of one buffer: the elements of each. Default: equal shares. */
  readonly counts?: readonly number[];
  /** Of one buffer: where each begins, in elements. Default: one after the other. */
  readonly displacements?: readonly number[];
}

/** The array that an algorithm fills, and what the caller gets of it. */
interface Landing {
  readonly slot: ArrayBufferView | undefined;
  /** Puts what came in its place. */
  settle(data: Data): unknown;
}

/** @param inPlace whether the target holds what is to be sent */
export function landingOf(target: Target | undefined, inPlace = false): Landing {
  if (!(target instanceof Section)) return { slot: target, settle: fromData };
  if (target.isOnePiece) return { slot: target.toArray(), settle: () => target.array };
  const slot = inPlace ? target.toArray() : viewOver(target.type, new Uint8Array(target.byteLength));
  return {
    slot,
    settle() {
      target.unpack(bytesOf(slot));
      return target.array;
    },
  };
}

/** The same for the arrays of several ranks. */
export function landingsOf(
  { into, counts, displacements }: ManyTargets,
  ranks: number,
  inPlace = false,
): { readonly slots: (ArrayBufferView | undefined)[] | undefined; settle<T>(all: readonly (Data | undefined)[]): T[] } {
  if (into === undefined)
    return { slots: undefined, settle: <T>(all: readonly (Data | undefined)[]) => listOf<T>(all) };
  const targets = ArrayBuffer.isView(into) ? slotsOf(into, ranks, counts, displacements) : into;
  if (targets.length !== ranks)
    throw expected("into", `an array, or a list of one target for each of ${ranks} ranks`, into);
  const landings = targets.map((target) => landingOf(target, inPlace));
  return {
    slots: landings.map(({ slot }) => slot),
    settle: <T>(all: readonly (Data | undefined)[]) =>
      all.map((data, i) => data && (landings[i]!.settle(data) as T)) as T[],
  };
}

/** What goes to each of several ranks: a list as it is, one buffer cut. */
export function parcelsOf(
  parcels: readonly unknown[] | ArrayBufferView,
  ranks: number,
  counts?: readonly number[],
  displacements?: readonly number[],
): Data[] {
  if (ArrayBuffer.isView(parcels)) return slotsOf(parcels, ranks, counts, displacements);
  if (!Array.isArray(parcels))
    throw expected("parcels", `an array, or a list of one for each of ${ranks} ranks`, parcels);
  return parcels.map(toSend);
}

/** Any value as an algorithm sends it. */
export function toSend(value: unknown): Data {
  return value instanceof Section ? value.toArray() : toData(value);
}

function listOf<T>(all: readonly (Data | undefined)[]): T[] {
  return all.map((data) => data && fromData(data)) as T[];
}
