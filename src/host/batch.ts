/**
 * Fragments on their way to another host, several together: one frame with the number of their job and then, for each, the length
 * of its payload, its header and its payload; and one more frame for each piece of a large message, in the order of their fragments.
 */
import { kinds, slot } from "../comm/device/fragment.ts";
import { fragmentBytes, fragmentWords } from "../comm/device/inbox.ts";
import { TransportError } from "../errors.ts";
import type { Frames } from "../transport/transport.ts";

const jobBytes = 8;
const lengthBytes = 4;
const headerBytes = fragmentWords * 4;
const mostBytes = lengthBytes + headerBytes + fragmentBytes;
/** A batch that has grown to this goes. */
const fullBytes = 1 << 16;

/** Takes fragments for one host, and gives them as frames. */
export class Batch {
  readonly #bytes = Buffer.alloc(fullBytes + mostBytes);
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength >> 2);
  #pieces: Uint8Array[] = [];
  #end = jobBytes;

  constructor(job: number) {
    this.#bytes.writeUInt32LE(job, 0);
  }

  get isEmpty(): boolean {
    return this.#end === jobBytes;
  }

  /** Whether it is to go before anything is added. */
  get isFull(): boolean {
    return this.#end >= fullBytes || this.#pieces.length > 0;
  }

  add(words: Int32Array, at: number, payload: Uint8Array, piece: Uint8Array | undefined): void {
    const to = this.#end >> 2;
    this.#words[to] = payload.byteLength;
    for (let i = 0; i < fragmentWords; i++) this.#words[to + 1 + i] = words[at + i];
    const from = this.#end + lengthBytes + headerBytes;
    this.#bytes.set(payload, from);
    this.#end = from + payload.byteLength + paddingOf(payload.byteLength);
    if (piece) this.#pieces.push(piece);
  }

  /** What was added; it is empty afterwards. */
  take(): Frames {
    const frames = [Buffer.from(this.#bytes.subarray(0, this.#end)), ...this.#pieces];
    this.#end = jobBytes;
    this.#pieces = [];
    return frames;
  }
}

/** A fragment that has come from another host. Its header has space for the place that its piece gets. */
export interface CameFragment {
  readonly header: Int32Array;
  readonly payload: Uint8Array;
  /** What a piece of a large message brings with it. */
  readonly piece: Uint8Array | undefined;
}

/** The job that a batch is for. @throws TransportError when it is too short for one */
export function jobOf([batch]: Frames): number {
  if (!batch || batch.byteLength < jobBytes) throw new TransportError("a batch without a head arrived.");
  return new DataView(batch.buffer, batch.byteOffset).getUint32(0, true);
}

/** The fragments of a batch. @throws TransportError when what it announces is not what came */
export function* fragmentsOf([batch, ...pieces]: Frames): Generator<CameFragment> {
  const own = new Uint8Array(batch!); // its words must lie on a multiple of 4, and what came may lie in the sender's memory
  let next = 0;
  for (let at = jobBytes; at < own.byteLength; ) {
    const from = at + lengthBytes + headerBytes;
    if (from > own.byteLength) throw new TransportError("a batch arrived that is cut off.");
    const [length] = new Uint32Array(own.buffer, at, 1) as unknown as [number];
    const header = new Int32Array(own.buffer, at + lengthBytes, fragmentWords);
    if (length > fragmentBytes || from + length > own.byteLength)
      throw new TransportError("a batch arrived that announces more than there is.");
    const piece = header[slot.kind] === kinds.piece ? pieces[next++] : undefined;
    if (header[slot.kind] === kinds.piece && piece?.byteLength !== header[slot.length])
      throw new TransportError("a batch arrived without a piece that it announces.");
    yield { header, payload: own.subarray(from, from + length), piece };
    at = from + length + paddingOf(length);
  }
}

/** Every fragment begins on a multiple of 4. */
function paddingOf(length: number): number {
  return -length & 3;
}
