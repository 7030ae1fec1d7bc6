/**
 * What one side of a line has sent and received, by number. A line outlives its connection: what the other side has not
 * acknowledged is kept, and goes again by the next one; what comes twice is taken once. So nothing is lost, nothing comes twice, and the
 * order stays. It knows no socket and no time.
 *
 * Each ZeroMQ message begins with a head of three words: what it is, its number, and the number of the last one that came from the
 * other side. A parcel of many bytes goes in several, so that a new connection need not begin with a whole matrix anew.
 */
import { maxFrames } from "../limits.ts";
import { packParcel } from "./parcel.ts";
import type { Frames } from "./transport.ts";

const headBytes = 12;
/** What a message is. The first two are numbered. */
const kinds = { last: 0, more: 1, note: 2, resume: 3 } as const;

/** One that has grown to this takes no further frame of its parcel. */
const fullBytes = 1 << 18;
/** What came is acknowledged at once when it is so much; else when the line's clock ticks. */
const muchBytes = 1 << 20;
const manyMessages = 64;

/** What a message was: a parcel that is whole now, the other side's wish to go on by this connection, nothing to act on, or none of ours. */
export type Taken = { readonly parcel: Frames } | "resume" | "nothing" | "unreadable";

export class Ledger {
  #sent = 0;
  #received = 0;
  /** What the other side was told of `received`. */
  #told = 0;
  #owedBytes = 0;
  #acknowledged = 0;
  /** By number, in their order. */
  readonly #kept = new Map<number, Frames>();
  /** The frames of a parcel that is not whole yet. */
  #partial: Uint8Array[] = [];

  /** Whether something was sent that the other side has not acknowledged. */
  get waits(): boolean {
    return this.#kept.size > 0;
  }

  /** Grows with what is acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether something came that the other side was not told of. */
  get owes(): boolean {
    return this.#told !== this.#received;
  }

  get owesMuch(): boolean {
    return this.#owedBytes >= muchBytes || after(this.#received, this.#told) >= manyMessages;
  }

  /** Messages as one parcel, in as many ZeroMQ messages as it takes; they are kept. Without any, one that wants nothing but an answer. */
  number(messages: readonly Frames[]): Frames[] {
    const [first, ...rest] = packParcel(messages, headBytes) as [Buffer, ...Uint8Array[]];
    const groups = grouped(first, rest);
    groups.forEach(([head], i) => {
      this.#sent = (this.#sent + 1) >>> 0;
      this.#write(head as Buffer, i + 1 < groups.length ? kinds.more : kinds.last, this.#sent);
      this.#kept.set(this.#sent, groups[i]!);
    });
    return groups;
  }

  /** Tells how much came. */
  note(): Frames {
    return [this.#unnumbered(kinds.note)];
  }

  /** The first message each way of a connection that takes the place of another. */
  resume(): Frames {
    return [this.#unnumbered(kinds.resume)];
  }

  /** What has to go again by a new connection, in its order. */
  again(): Frames[] {
    return [...this.#kept.values()];
  }

  take(frames: Frames): Taken {
    const [head, ...rest] = frames;
    if (!head || head.byteLength < headBytes) return "unreadable";
    const words = new DataView(head.buffer, head.byteOffset, headBytes);
    const kind = words.getUint32(0, true);
    const number = words.getUint32(4, true);
    const received = words.getUint32(8, true);
    if (after(received, this.#sent) > 0) return "unreadable"; // that was never sent
    this.#acknowledge(received);
    if (kind === kinds.note) return "nothing";
    if (kind === kinds.resume) return "resume";
    const ahead = after(number, this.#received);
    if (ahead <= 0) return "nothing"; // it came before, by another connection
    if (ahead > 1 || kind > kinds.more) return "unreadable";
    this.#received = number;
    for (const { byteLength } of frames) this.#owedBytes += byteLength;
    return this.#join(head.subarray(headBytes), rest, kind === kinds.last);
  }

  #join(first: Uint8Array, rest: Frames, last: boolean): Taken {
    if (this.#partial.length === 0) this.#partial.push(first);
    for (const frame of rest) this.#partial.push(frame);
    if (this.#partial.length > 2 * maxFrames) return "unreadable";
    if (!last) return "nothing";
    const parcel = this.#partial;
    this.#partial = [];
    return parcel[0]!.byteLength === 0 ? "nothing" : { parcel };
  }

  #acknowledge(number: number): void {
    while (after(number, this.#acknowledged) > 0) {
      this.#acknowledged = (this.#acknowledged + 1) >>> 0;
      this.#kept.delete(this.#acknowledged);
    }
  }

  #unnumbered(kind: number): Buffer {
    const head = Buffer.allocUnsafe(headBytes);
    this.#write(head, kind, this.#sent);
    return head;
  }

  #write(head: Buffer, kind: number, number: number): void {
    head.writeUInt32LE(kind, 0);
    head.writeUInt32LE(number, 4);
    head.writeUInt32LE(this.#received, 8);
    this.#told = this.#received;
    this.#owedBytes = 0;
  }
}

/** The first frame stays the first; each further group begins with a frame for its head. */
function grouped(first: Buffer, rest: readonly Uint8Array[]): Uint8Array[][] {
  let group: Uint8Array[] = [first];
  let bytes = first.byteLength;
  const groups = [group];
  for (const frame of rest) {
    if (bytes >= fullBytes) {
      group = [Buffer.allocUnsafe(headBytes)];
      bytes = 0;
      groups.push(group);
    }
    group.push(frame);
    bytes += frame.byteLength;
  }
  return groups;
}

/** By how much one number is after another; they begin anew behind 2^32 − 1. */
function after(number: number, other: number): number {
  return (number - other) | 0;
}
