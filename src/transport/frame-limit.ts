/** How long a frame may be on a socket: as long as you like between processes of one machine, short where strangers can connect. */
import { TransportError } from "../errors.ts";
import { chunkBytes, maxFrameBytes } from "../limits.ts";
import type { Frames } from "./transport.ts";

/** @param inside true when all of a socket's endpoints are inside of this machine */
export function longestFrame(inside: boolean): number {
  return inside ? Number.POSITIVE_INFINITY : chunkBytes;
}

/** ZeroMQ's own limit for a socket; it hangs up on a peer that announces a longer frame, before it takes memory for it. */
export function maxMessageSize(inside: boolean): number {
  return inside ? -1 : maxFrameBytes;
}

/** What is too long is refused where it is known who sends it: the other side would only hang up. */
export function refusal(frames: Frames, longest: number): TransportError | undefined {
  const tooLong = frames.find(({ byteLength }) => byteLength > longest);
  if (!tooLong) return undefined;
  return new TransportError(`a frame of ${tooLong.byteLength} bytes is too long, ${longest} are the most.`);
}
