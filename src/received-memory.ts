/**
 * Gives the memory of a received frame back as soon as nobody needs it. ZeroMQ's frames lie outside of the JavaScript heap, and by
 * itself only a garbage collection frees them: meanwhile each new frame gets memory that is in no cache and that the system has to
 * clear first, which takes as long as receiving it. See docs/performance-transport.md.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** `ArrayBuffer.prototype.transfer` (ECMAScript 2024). */
type Transfer = (this: ArrayBuffer, newLength: number) => ArrayBuffer;

/** Frames below it are not worth it; the smallest ones lie in memory that is shared with others. */
const leastBytes = 1 << 16;

let found: Transfer | null | undefined;

/** Nobody may look at the frame afterwards: it is empty then. */
export function releaseFrame(frame: ArrayBufferView): void {
  const { buffer, byteLength } = frame;
  if (byteLength < leastBytes || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  found ??= transfer() ?? null;
  found?.call(buffer, 0);
}

/** Those that a message's value, which was made of them, has been copied out of. */
export function releaseCopied(frames: readonly Uint8Array[], value: readonly Uint8Array[]): void {
  const kept = new Set(value.map(({ buffer }) => buffer));
  for (const frame of frames) if (!kept.has(frame.buffer)) releaseFrame(frame);
}

/** The engine's own; Node 20 has it behind a flag, which contexts made afterwards heed. */
function transfer(): Transfer | undefined {
  const { transfer: own } = ArrayBuffer.prototype as { transfer?: Transfer };
  if (own) return own;
  setFlagsFromString("--harmony-rab-gsab-transfer");
  return runInNewContext("ArrayBuffer.prototype.transfer") as Transfer | undefined;
}
