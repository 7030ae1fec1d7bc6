/**
 * Marks what kernels hand out. `share` marks a value that many parts hold, so that it crosses the network once per host
 * and is decoded once per compute thread; `lend` does, too. `forRank` says which rank a part belongs to, `move` what compute gives away. Only
 * marks: the codec and the dispatcher act on them.
 */
import { expected } from "../errors.ts";

const marked = new WeakSet<object>();
const lent = new WeakSet<object>();
const given = new WeakSet<object>();

/**
 * Marks `value` (a typed array, an object, a function) as shared by many parts of a job, and returns it.
 * Put the same marked value into as many parts as you like: it is sent once per host, a typed array lies there in memory
 * shared by all ranks of the host, and all parts of a thread see the same decoded value. Treat it as read-only.
 */
export function share<T extends object>(value: T): T {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    throw expected("share's argument", "an object, a typed array or a function", value);
  marked.add(value);
  return value;
}

/** True when `share` marked this value. */
export function isShared(value: object): boolean {
  return marked.has(value);
}

/**
 * As `share`, for a value that no thread keeps beyond its job: the memory that its arrays take on a host is used again by the
 * next job. New memory would have to be cleared by the system page by page, which takes longer than receiving what comes into it.
 */
export function lend<T extends object>(value: T): T {
  lent.add(value);
  return share(value);
}

/** True when `lend` marked this value. */
export function isLent(value: object): boolean {
  return lent.has(value);
}

/**
 * Marks an array that compute returns as given away, and returns it. It then leaves the rank without being copied, and
 * when it has left it is empty (detached) in the kernel: don't touch it again. Without the mark a kernel may go on using the arrays that it has returned, for which each is copied.
 * Worth it for megabytes, and only for arrays that have their `ArrayBuffer` to themselves.
 *
 * @throws UsageError for anything else
 */
export function move<T extends ArrayBufferView>(array: T): T {
  if (!ArrayBuffer.isView(array) || array.byteLength !== array.buffer.byteLength)
    throw expected("move's argument", "a typed array that has its buffer to itself", array);
  given.add(array.buffer);
  return array;
}

/** True when `move` gave the buffer away. */
export function isGiven(buffer: object): boolean {
  return given.has(buffer);
}

/** A part together with the rank that should compute it. */
export class PlacedPart<Part> {
  readonly rank: number;
  readonly part: Part;
  constructor(rank: number, part: Part) {
    this.rank = rank;
    this.part = part;
  }
}

/**
 * Yield this from scatter to say which rank computes a part, so that ranks of one host get parts that share blocks.
 * A wish, not a law: when that rank is lost, another one computes it.
 *
 * @param rank 0 to world.size − 1; with any other, whichever rank is free computes the part
 * @throws UsageError when it is no whole number
 */
export function forRank<Part>(rank: number, part: Part): PlacedPart<Part> {
  if (!Number.isSafeInteger(rank)) throw expected("rank", "the number of a rank", rank);
  return new PlacedPart(rank, part);
}
