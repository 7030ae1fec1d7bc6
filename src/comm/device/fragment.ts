/** The header of a fragment: what it is, from whom to whom, and of which message. */

/** What a fragment is. */
export const kinds = {
  /** A whole small message. */
  eager: 1,
  /** A large message is ready at its sender; its bytes come when the receiver has asked for them. */
  announce: 2,
  /** The receiver asks for the bytes. */
  accept: 3,
  /** Some of the bytes, in order. */
  body: 4,
  /** The receiver has taken so many bytes of a stream from another host: more may come. */
  credit: 5,
} as const;

export const slot = {
  kind: 0,
  source: 1,
  dest: 2,
  context: 3,
  tag: 4,
  id: 5,
  type: 6,
  sizeLow: 7,
  sizeHigh: 8,
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
  /** True when the sender waits to be asked for the bytes. */
  readonly announced: boolean;
}

export function readEnvelope(words: Int32Array, at: number): Envelope {
  return {
    source: words[at + slot.source],
    context: words[at + slot.context],
    tag: words[at + slot.tag],
    id: words[at + slot.id],
    type: words[at + slot.type],
    bytes: (words[at + slot.sizeLow] >>> 0) + words[at + slot.sizeHigh] * 2 ** 32,
    announced: words[at + slot.kind] === kinds.announce,
  };
}

export function writeSize(header: Int32Array, bytes: number): void {
  header[slot.sizeLow] = bytes | 0;
  header[slot.sizeHigh] = Math.floor(bytes / 2 ** 32);
}
