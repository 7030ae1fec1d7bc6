/** A rank's way out: writes the headers of its fragments, and keeps the small answers that found no space. */
import type { Fabric } from "./fabric.ts";
import { kinds, slot, writeSize } from "./fragment.ts";
import { fragmentBytes, fragmentWords, type Inbox } from "./inbox.ts";
import type { Payload } from "./payload.ts";

/** A message on its way out. */
export interface Outgoing {
  readonly dest: number;
  readonly context: number;
  readonly tag: number;
  readonly id: number;
  readonly payload: Payload;
  readonly announce: boolean;
  /** Where it is parked, or -1. */
  readonly place: number;
  /** How much of a small one has left; undefined before its envelope has. */
  leftBytes?: number;
  done(): void;
}

interface Answer {
  readonly kind: number;
  readonly dest: number;
  readonly id: number;
  readonly granted: number;
  readonly emptied: number;
}

const nothing = new Uint8Array(0);

export class Outbox {
  readonly #rank: number;
  readonly #fabric: Fabric;
  readonly #header = new Int32Array(fragmentWords);
  /** Those that found no space. No more than there are messages under way. */
  readonly #answers: Answer[] = [];

  constructor(rank: number, fabric: Fabric) {
    this.#rank = rank;
    this.#fabric = fabric;
  }

  get isEmpty(): boolean {
    return this.#answers.length === 0;
  }

  /** Whom answers wait for. */
  get dests(): number[] {
    return this.#answers.map(({ dest }) => dest);
  }

  /** The inbox that has no space for the next answer. */
  get blockedOn(): Inbox | undefined {
    return this.#answers[0] && this.#fabric.towards(this.#answers[0].dest);
  }

  /** The envelope of a message, with its bytes when it is small. False when there is no space: to be called again. */
  pushEnvelope(outgoing: Outgoing): boolean {
    if (outgoing.leftBytes === undefined && !this.#pushFirst(outgoing)) return false;
    return outgoing.announce || this.#pushRest(outgoing);
  }

  pushBody({ dest, id, payload: { bytes } }: Outgoing): boolean {
    return this.#fabric.push(dest, this.#address(kinds.body, dest, id), bytes, 0, bytes.byteLength);
  }

  pushPiece(dest: number, id: number, place: number, length: number): boolean {
    const header = this.#address(kinds.piece, dest, id);
    header[slot.place] = place;
    header[slot.length] = length;
    return this.#fabric.push(dest, header, nothing, 0, 0);
  }

  /** Goes out in its turn, now or later. */
  answer(kind: number, dest: number, id: number, granted = 0, emptied = 0): void {
    const answer = { kind, dest, id, granted, emptied };
    if (!this.isEmpty || !this.#push(answer)) this.#answers.push(answer);
  }

  /** Sends answers that waited. True when any went. */
  flush(): boolean {
    let moved = false;
    for (let next = this.#answers[0]; next && this.#push(next); next = this.#answers[0]) {
      this.#answers.shift();
      moved = true;
    }
    return moved;
  }

  #pushFirst(outgoing: Outgoing): boolean {
    const { dest, context, tag, id, payload, announce, place } = outgoing;
    const { type, bytes } = payload;
    const isParked = place >= 0;
    const header = this.#address(isParked ? kinds.parked : announce ? kinds.announce : kinds.eager, dest, id);
    header[slot.context] = context;
    header[slot.tag] = tag;
    header[slot.type] = type;
    writeSize(header, bytes.byteLength);
    if (isParked) header[slot.place] = place;
    const length = announce || isParked ? 0 : Math.min(bytes.byteLength, fragmentBytes);
    if (!this.#fabric.push(dest, header, bytes, 0, length)) return false;
    outgoing.leftBytes = isParked ? bytes.byteLength : length;
    return true;
  }

  #pushRest(outgoing: Outgoing): boolean {
    const { dest, id, payload } = outgoing;
    const { bytes } = payload;
    for (let from = outgoing.leftBytes!; from < bytes.byteLength; from = outgoing.leftBytes!) {
      const length = Math.min(bytes.byteLength - from, fragmentBytes);
      if (!this.#fabric.push(dest, this.#address(kinds.more, dest, id), bytes, from, length)) return false;
      outgoing.leftBytes = from + length;
    }
    return true;
  }

  #push({ kind, dest, id, granted, emptied }: Answer): boolean {
    const header = this.#address(kind, dest, id);
    header[slot.granted] = granted;
    header[slot.emptied] = emptied;
    return this.#fabric.push(dest, header, nothing, 0, 0);
  }

  #address(kind: number, dest: number, id: number): Int32Array {
    const header = this.#header;
    header[slot.kind] = kind;
    header[slot.source] = this.#rank;
    header[slot.dest] = dest;
    header[slot.id] = id;
    return header;
  }
}
