/**
 * What the reduction algorithms see of data and op: parts that can be cut, combined, sent and, at the end, finished. A part is
 * what some ranks have contributed so far. The algorithms never look inside.
 */
import type { Algorithm, Data } from "./steps.ts";

/** How contributions become a result. One object serves one call on one rank. */
export interface Fold<Part> {
  /** Elements of the array, of which pieces can be cut; undefined for values. */
  readonly length: number | undefined;
  /** Bytes of one rank's contribution; undefined for values. */
  readonly byteLength: number | undefined;
  /** Pieces must begin and end at multiples of this many elements. */
  readonly width: number;
  /** True when the operands may meet in any order. */
  readonly commutative: boolean;
  /** This rank's contribution. It is never overwritten. */
  readonly own: Part;
  /** Elements `from` to `to` − 1. */
  cut(part: Part, from: number, to: number): Part;
  /** left ∘ right. Both are used up, except those that were `kept`. */
  combine(left: Part, right: Part): Part;
  /** The same part, which a combination won't overwrite. */
  kept(part: Part): Part;
  /** Pieces of neighbouring elements as one part. */
  join(pieces: readonly Part[]): Part;
  toData(part: Part): Data;
  fromData(data: Data): Part;
  /** Receives a part of `length` elements. */
  receive(from: number, length: number | undefined): Algorithm<Part>;
  /** A place for a part of `length` elements that is to come, if parts have a known size. */
  room(length: number): ArrayBufferView | undefined;
  /** The result of a whole part or of a piece; put into `into` when that is there. */
  finish(part: Part, into?: ArrayBufferView): Data;
}
