/**
 * Copies bytes from or to memory that threads share. `set` of a typed array does it word by word there, and byte by byte where the two
 * sides are not aligned alike (V8's relaxed atomics); Node's `fill` by a buffer of the same length is one `memcpy`, twice as fast.
 */
const { fill } = Buffer.prototype;

/** Below it a call costs more than it spares. */
const worthCall = 4096;

/** @param target as long as `source`, and not overlapping it */
export function copyBytes(target: Uint8Array, source: Uint8Array): void {
  if (source.byteLength < worthCall) target.set(source);
  else fill.call(target, source);
}
