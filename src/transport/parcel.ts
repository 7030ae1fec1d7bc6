/**
 * Messages that go to one peer at the same time, as one message of ZeroMQ's: what a frame costs there, some microseconds on each
 * side, is more than a small frame's copy. The first frame has, for each message, how many frames it is of, and each frame's
 * length and bytes; a long frame is only named there, and follows as it is.
 */
import type { Frames } from "./transport.ts";

/** A frame of up to this many bytes is copied into the first one. */
const longestInside = 1 << 11;
/** So much is copied into the first frame at the most: ZeroMQ's bound on a frame holds for it too. */
const mostInside = 1 << 16;
/** In the place of a length: the frame follows by itself. */
const outside = 0xffff_ffff;
const wordBytes = 4;

/** @param front so many bytes are left free before all others, for the caller to fill */
export function packParcel(messages: readonly Frames[], front = 0): Frames {
  const first = Buffer.allocUnsafe(front + firstBytes(messages));
  const parcel: Uint8Array[] = [first];
  let inside = 0;
  let at = front;
  for (const frames of messages) {
    at = first.writeUInt32LE(frames.length, at);
    for (const frame of frames) {
      const { byteLength } = frame;
      if (byteLength > longestInside || inside + byteLength > mostInside) {
        at = first.writeUInt32LE(outside, at);
        parcel.push(frame);
        continue;
      }
      at = first.writeUInt32LE(byteLength, at);
      first.set(frame, at);
      at += byteLength;
      inside += byteLength;
    }
  }
  return parcel;
}

function firstBytes(messages: readonly Frames[]): number {
  let words = 0;
  let inside = 0;
  for (const frames of messages) {
    words += 1 + frames.length;
    for (const { byteLength } of frames)
      if (byteLength <= longestInside && inside + byteLength <= mostInside) inside += byteLength;
  }
  return words * wordBytes + inside;
}

/**
 * The messages again, in their order; their frames are views over what came. In the place of what can't be read stands a
 * message without frames, which nobody takes for one.
 */
export function openParcel([first, ...outsides]: Frames): Frames[] {
  const messages: Frames[] = [];
  const end = first?.byteLength ?? 0;
  let at = 0;
  let next = 0;

  /** Beyond the end, a number that is too large for anything. */
  function word(): number {
    const from = at;
    at += wordBytes;
    if (!first || at > end) return Number.NaN;
    return (first[from]! | (first[from + 1]! << 8) | (first[from + 2]! << 16) | (first[from + 3]! << 24)) >>> 0;
  }

  function frame(): Uint8Array | undefined {
    const length = word();
    if (length === outside) return outsides[next++];
    const from = at;
    at += length;
    return at <= end ? first!.subarray(from, at) : undefined;
  }

  while (at < end) {
    const frames: Uint8Array[] = [];
    const count = word();
    while (frames.length < count) {
      const each = frame();
      if (!each) return [...messages, []];
      frames.push(each);
    }
    messages.push(frames);
  }
  return at === end && next === outsides.length && end > 0 ? messages : [...messages, []];
}
