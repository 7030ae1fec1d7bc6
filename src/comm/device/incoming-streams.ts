/**
 * Messages that this rank has asked for, and whose bytes come in: in one fragment, or in pieces that lie in the staging memory.
 * From other hosts there come no more pieces than this rank has places for: it grants them, in turn, to those that it has asked.
 */
import { copyBytes } from "../../wire/copy-bytes.ts";
import type { Fabric } from "./fabric.ts";
import { type Envelope, kinds } from "./fragment.ts";
import { fragmentBytes } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";
import { farPieceBytes } from "./pieces.ts";
import { farPlaces, type Staging } from "./staging.ts";

interface Incoming {
  readonly envelope: Envelope;
  readonly target: Uint8Array;
  receivedBytes: number;
  /** Pieces that it still has to be granted. */
  ungranted: number;
  done(): void;
}

export class IncomingStreams {
  readonly #fabric: Fabric;
  readonly #outbox: Outbox;
  readonly #staging: Staging;
  /** By source, by id. */
  readonly #incoming: Map<number, Incoming>[] = [];
  /** Places that nobody was granted. */
  #free = farPlaces.count;
  /** Those that wait for more, the one that has waited longest first. */
  readonly #wanting: Incoming[] = [];

  constructor(rank: number, fabric: Fabric, outbox: Outbox) {
    this.#fabric = fabric;
    this.#outbox = outbox;
    this.#staging = fabric.arrivingOf(rank);
  }

  /** Asks for the bytes of an announced message, or fetches those of a parked one. `done` when `target` has them all. */
  accept(envelope: Envelope, target: Uint8Array, done: () => void): void {
    const { source, id, bytes, parkedAt } = envelope;
    if (parkedAt >= 0) return this.#fetch(envelope, target, done);
    const inPieces = bytes > fragmentBytes && !this.#fabric.isLocal(source);
    const ungranted = inPieces ? Math.ceil(bytes / farPieceBytes(bytes)) : 0;
    const incoming: Incoming = { envelope, target, receivedBytes: 0, ungranted, done };
    this.#of(source).set(id, incoming);
    // Half of what there is: the next one must not wait for all of this one.
    const granted = Math.min(ungranted, Math.ceil(this.#free / 2));
    this.#grant(incoming, granted);
    if (incoming.ungranted > 0) this.#wanting.push(incoming);
    this.#outbox.answer(kinds.accept, source, id, granted);
    if (bytes === 0) this.#finish(incoming);
  }

  /** Nobody gets the bytes. They don't come: who is done may end, and would not take them any more. */
  drop({ source, id, parkedAt }: Envelope): void {
    if (parkedAt >= 0) this.#fabric.parkingOf(source).giveBack(parkedAt);
    else this.#outbox.answer(kinds.dropped, source, id);
  }

  #fetch({ source, bytes, parkedAt }: Envelope, target: Uint8Array, done: () => void): void {
    const parking = this.#fabric.parkingOf(source);
    copyBytes(target, parking.at(parkedAt, bytes));
    parking.giveBack(parkedAt);
    done();
  }

  body(source: number, id: number, bytes: Uint8Array): void {
    const incoming = this.#of(source).get(id);
    if (incoming) this.#add(incoming, bytes);
  }

  piece(source: number, id: number, place: number, length: number): void {
    const local = this.#fabric.isLocal(source);
    const staging = local ? this.#fabric.nearOf(source) : this.#staging;
    const incoming = this.#of(source).get(id);
    if (incoming) this.#add(incoming, staging.at(place, length));
    staging.giveBack(place);
    if (local) this.#fabric.inboxOf(source).ringIfAsleep();
    else this.#credit(source, id);
  }

  #add(incoming: Incoming, bytes: Uint8Array): void {
    const { target, envelope, receivedBytes } = incoming;
    copyBytes(target.subarray(receivedBytes, receivedBytes + bytes.byteLength), bytes);
    incoming.receivedBytes += bytes.byteLength;
    if (incoming.receivedBytes >= envelope.bytes) this.#finish(incoming);
  }

  /** A place is free again: told to the one whose piece lay there, and granted to the one that has waited longest. */
  #credit(source: number, id: number): void {
    this.#free += 1;
    const next = this.#wanting.shift();
    if (next) {
      this.#grant(next, 1);
      if (next.ungranted > 0) this.#wanting.push(next);
    }
    const own = next?.envelope.source === source && next.envelope.id === id;
    this.#outbox.answer(kinds.credit, source, id, own ? 1 : 0, 1);
    if (next && !own) this.#outbox.answer(kinds.credit, next.envelope.source, next.envelope.id, 1, 0);
  }

  #grant(incoming: Incoming, pieces: number): void {
    incoming.ungranted -= pieces;
    this.#free -= pieces;
  }

  #finish(incoming: Incoming): void {
    const { source, id } = incoming.envelope;
    this.#of(source).delete(id);
    incoming.done();
  }

  #of(source: number): Map<number, Incoming> {
    this.#incoming[source] ??= new Map();
    return this.#incoming[source];
  }
}
