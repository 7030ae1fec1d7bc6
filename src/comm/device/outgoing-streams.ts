/**
 * Messages whose receivers have asked for the bytes: a small one goes in one fragment, of a large one each piece is copied into
 * a place of this rank's staging memory. On the own host the receiver empties the place; from another host comes credit when it
 * did, and until then nothing else is put there, since ZeroMQ sends from where it lies.
 */
import { copyBytes } from "../../wire/copy-bytes.ts";
import type { Fabric } from "./fabric.ts";
import { fragmentBytes, type Inbox } from "./inbox.ts";
import type { Outbox, Outgoing } from "./outbox.ts";
import { farPieceBytes, nearPieceBytes } from "./pieces.ts";
import type { Staging } from "./staging.ts";

interface Stream {
  readonly outgoing: Outgoing;
  readonly staging: Staging;
  readonly pieceBytes: number;
  /** How many more pieces may go. */
  granted: number;
  sentBytes: number;
  /** A piece that is in its place, and found no space in the inbox. */
  ready: { readonly place: number; readonly length: number } | undefined;
}

export class OutgoingStreams {
  readonly #fabric: Fabric;
  readonly #outbox: Outbox;
  readonly #near: Staging;
  readonly #departing: Staging;
  readonly #streams = new Map<number, Stream>();
  /** By message: places whose pieces are on their way to another host, in their order. */
  readonly #away = new Map<number, number[]>();

  constructor(rank: number, fabric: Fabric, outbox: Outbox) {
    this.#fabric = fabric;
    this.#outbox = outbox;
    this.#near = fabric.nearOf(rank);
    this.#departing = fabric.departingOf(rank);
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  get messages(): Outgoing[] {
    return [...this.#streams.values()].map(({ outgoing }) => outgoing);
  }

  start(outgoing: Outgoing, granted: number): void {
    const { payload, dest, id } = outgoing;
    const { byteLength } = payload.bytes;
    if (byteLength === 0) return outgoing.done();
    const local = this.#fabric.isLocal(dest);
    this.#streams.set(id, {
      outgoing,
      staging: local ? this.#near : this.#departing,
      pieceBytes: local ? nearPieceBytes(byteLength) : farPieceBytes(byteLength),
      granted: local ? Number.POSITIVE_INFINITY : granted,
      sentBytes: 0,
      ready: undefined,
    });
  }

  credit(id: number, granted: number, emptied: number): void {
    const stream = this.#streams.get(id);
    if (stream) stream.granted += granted;
    const away = this.#away.get(id);
    if (!away) return;
    for (const place of away.splice(0, emptied)) this.#departing.giveBack(place);
    if (away.length === 0 && !stream) this.#away.delete(id);
  }

  /** Sends as much of each as there is space for. True when anything went. */
  push(): boolean {
    let moved = false;
    for (const stream of this.#streams.values()) moved = this.#push(stream) || moved;
    return moved;
  }

  /** An inbox that has no space for what could go. */
  get blockedOn(): Inbox | undefined {
    for (const { ready, outgoing } of this.#streams.values())
      if (ready || isSmall(outgoing)) return this.#fabric.towards(outgoing.dest);
    return undefined;
  }

  /** True when a piece could be put in its place now. */
  get couldGoOn(): boolean {
    for (const { granted, ready, staging } of this.#streams.values())
      if (granted > 0 && !ready && staging.hasPlace) return true;
    return false;
  }

  #push(stream: Stream): boolean {
    const { outgoing } = stream;
    if (isSmall(outgoing)) return this.#outbox.pushBody(outgoing) && this.#end(outgoing);
    let moved = false;
    while (this.#pushPiece(stream)) {
      moved = true;
      if (stream.sentBytes === outgoing.payload.bytes.byteLength) return this.#end(outgoing);
    }
    return moved;
  }

  #pushPiece(stream: Stream): boolean {
    const { dest, id } = stream.outgoing;
    stream.ready ??= this.#fill(stream);
    if (!stream.ready || !this.#outbox.pushPiece(dest, id, stream.ready.place, stream.ready.length)) return false;
    if (!this.#fabric.isLocal(dest)) this.#noteAway(id, stream.ready.place);
    stream.sentBytes += stream.ready.length;
    stream.ready = undefined;
    return true;
  }

  #fill(stream: Stream): Stream["ready"] {
    if (stream.granted <= 0) return undefined;
    const { staging } = stream;
    const place = staging.take();
    if (place < 0) return undefined;
    stream.granted -= 1;
    const { bytes } = stream.outgoing.payload;
    const length = Math.min(stream.pieceBytes, bytes.byteLength - stream.sentBytes);
    copyBytes(staging.at(place, length), bytes.subarray(stream.sentBytes, stream.sentBytes + length));
    return { place, length };
  }

  #noteAway(id: number, place: number): void {
    const away = this.#away.get(id);
    if (away) away.push(place);
    else this.#away.set(id, [place]);
  }

  #end(outgoing: Outgoing): true {
    this.#streams.delete(outgoing.id);
    outgoing.done();
    return true;
  }
}

function isSmall({ payload }: Outgoing): boolean {
  return payload.bytes.byteLength <= fragmentBytes;
}
