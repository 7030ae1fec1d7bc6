/** The header of a fragment: what it is, from whom to whom, and of which message. */

/** What a fragment is. */
export const kinds = {
  /** A small message, or as much of it as a fragment holds. */
  eager: 1,
  /** A message is ready at its sender; its bytes come when the receiver has asked for them. */
  announce: 2,
  /** The receiver asks for the bytes. From another host, so many pieces may come. */
  accept: 3,
  /** The bytes of a small message that was asked for. */
  body: 4,
  /** A piece of a large one, in order; it lies in a place of the staging memory. */
  piece: 5,
  /** The receiver has emptied so many places of a message from another host, and so many more pieces may come. */
  credit: 6,
  /** So much of the sender's credit for small messages is free again. */
  returned: 7,
  /** More of a small message to another host, right behind what went before. */
  more: 8,
  /** A whole message within the host; its bytes lie in a place of the sender's until it is received. */
  parked: 9,
  /** Nobody wants the bytes of an announced message: they need not come. */
  dropped: 10,
} as const;

export const slot = {
  kind: 0,
  source: 1,
  dest: 2,
  context: 3,
  tag: 4,
  /** Of the message; the amount in `returned`. */
  id: 5,
  type: 6,
  sizeLow: 7,
  sizeHigh: 8,
  /** Of a piece, or of a parked message: where it lies. */
  place: 9,
  length: 10,
  /** Of an accept or a credit: pieces. */
  granted: 9,
  emptied: 10,
} as const;

/** What is known of a message before its bytes are there. */
export interface Envelope {
  readonly source: number;
  readonly context: number;
  readonly tag: number;
  /** The sender's number for it. */
  readonly id: number;
  /** What the bytes are; see `payload.ts`. */
  readonly type: number;
  readonly bytes: number;
  /** Where the bytes of a parked one lie, else -1. */
  readonly parkedAt: number;
}

export function readEnvelope(words: Int32Array, at: number): Envelope {
  return {
    source: words[at + slot.source],
    context: words[at + slot.context],
    tag: words[at + slot.tag],
    id: words[at + slot.id],
    type: words[at + slot.type],
    bytes: (words[at + slot.sizeLow] >>> 0) + words[at + slot.sizeHigh] * 2 ** 32,
    parkedAt: words[at + slot.kind] === kinds.parked ? words[at + slot.place] : -1,
  };
}

export function writeSize(header: Int32Array, bytes: number): void {
  header[slot.sizeLow] = bytes | 0;
  header[slot.sizeHigh] = Math.floor(bytes / 2 ** 32);
}
