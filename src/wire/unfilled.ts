/** Memory for who writes all of it before anybody reads it: clearing it first takes as long as copying into it. */

/** Below it, memory is cleared as fast as a Buffer is made. */
const leastBytes = 1 << 16;

/** So many bytes with a buffer to themselves, of any content. */
export function unfilled(byteLength: number): Uint8Array {
  if (byteLength < leastBytes) return new Uint8Array(byteLength);
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
}
