/**
 * Small messages from other hosts that came in several fragments, until they are whole: one for each sender at the most, since the
 * fragments of a message come one behind the other.
 */
import type { Envelope } from "./fragment.ts";

interface Part {
  readonly envelope: Envelope;
  readonly bytes: Uint8Array;
  filledBytes: number;
}

export class Assembly {
  readonly #parts = new Map<number, Part>();

  begin(envelope: Envelope, bytes: Uint8Array): void {
    const part = { envelope, bytes: new Uint8Array(envelope.bytes), filledBytes: 0 };
    this.#parts.set(envelope.source, part);
    this.add(envelope.source, bytes);
  }

  /** The message, when it is whole now. */
  add(source: number, bytes: Uint8Array): Part | undefined {
    const part = this.#parts.get(source);
    if (!part) return undefined;
    part.bytes.set(bytes, part.filledBytes);
    part.filledBytes += bytes.byteLength;
    if (part.filledBytes < part.bytes.byteLength) return undefined;
    this.#parts.delete(source);
    return part;
  }
}
