/**
 * A rank's way to the others: sends and receives messages by fragments through inboxes in shared memory. It makes progress
 * only when it is asked to (by whoever waits), in the rank's own thread, so that nothing here needs a lock.
 *
 * A small message goes at once, as long as there is credit; any other is announced, and its bytes follow when
 * the receiver has a place for them. So nobody's memory fills with what nobody asked for.
 */
import { copyBytes } from "../../wire/copy-bytes.ts";
import { Assembly } from "./assembly.ts";
import { EagerCredit } from "./eager-credit.ts";
import type { Fabric } from "./fabric.ts";
import { type Envelope, kinds, readEnvelope, slot } from "./fragment.ts";
import { fragmentBytes, type Inbox } from "./inbox.ts";
import { IncomingStreams } from "./incoming-streams.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import { OutgoingStreams } from "./outgoing-streams.ts";
import type { Payload } from "./payload.ts";
import { parkingPlaces, type Staging } from "./staging.ts";

/** What the device tells about messages that come in. */
export interface Arrivals {
  /**
   * A message, in the order of its sender. Of a whole small one the bytes are in `cell`, from `from` on, to be copied at once; an announced
   * one can be accepted later.
   */
  arrived(envelope: Envelope, cell: Uint8Array | undefined, from: number): void;
}

/** The longest message that goes to another host at once, in bytes; within a host, a fragment is. To be asked for costs a round trip. */
const farEagerBytes = 1 << 15;

/** Fragments that are taken before other things get their turn. */
const takenAtOnce = 64;

export class Device {
  readonly rank: number;
  readonly #fabric: Fabric;
  readonly #inbox: Inbox;
  readonly #arrivals: Arrivals;
  readonly #outbox: Outbox;
  readonly #credit: EagerCredit;
  readonly #parking: Staging;
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;
  readonly #assembly = new Assembly();
  /** By destination: envelopes that found no space, in order. */
  readonly #waiting = new Map<number, Outgoing[]>();
  /** Announced and not yet asked for, by id. */
  readonly #announced = new Map<number, Outgoing>();
  #lastId = 0;

  constructor(rank: number, fabric: Fabric, arrivals: Arrivals) {
    this.rank = rank;
    this.#fabric = fabric;
    this.#inbox = fabric.inboxOf(rank);
    this.#arrivals = arrivals;
    this.#outbox = new Outbox(rank, fabric);
    this.#parking = fabric.parkingOf(rank);
    this.#credit = new EagerCredit(fabric.map.size);
    this.#outgoing = new OutgoingStreams(rank, fabric, this.#outbox);
    this.#incoming = new IncomingStreams(rank, fabric, this.#outbox);
  }

  /**
   * Starts to send. `done` is called when the data may be reused: at once for a small message (unless `synchronous`), else
   * when its last byte has left.
   */
  send(dest: number, context: number, tag: number, payload: Payload, synchronous: boolean, done: () => void): void {
    const { byteLength } = payload.bytes;
    const local = this.#fabric.isLocal(dest);
    const longest = local ? fragmentBytes : farEagerBytes;
    const place = local && !synchronous && byteLength > longest ? this.#park(payload) : -1;
    const announce = place < 0 && (synchronous || byteLength > longest || !this.#credit.take(dest, byteLength));
    this.#lastId = (this.#lastId + 1) | 0;
    const outgoing: Outgoing = { dest, context, tag, id: this.#lastId, payload, announce, place, done };
    const waiting = this.#waiting.get(dest);
    if (waiting) waiting.push(outgoing);
    else if (!this.#pushEnvelope(outgoing)) this.#waiting.set(dest, [outgoing]);
  }

  /** Asks for the bytes of an announced message, or fetches those of a parked one. `done` when `target` has them all. */
  accept(envelope: Envelope, target: Uint8Array, done: () => void): void {
    this.#incoming.accept(envelope, target, done);
  }

  /** Nobody gets the bytes of an announced or parked message: its send is over without them. */
  drop(envelope: Envelope): void {
    this.#incoming.drop(envelope);
  }

  /** A small message that had arrived was received, or nobody will: its sender may send more. */
  received({ source, bytes }: Envelope): void {
    const due = this.#credit.received(source, bytes);
    if (due > 0) this.#outbox.answer(kinds.returned, source, due);
  }

  /** Takes what has come and sends what can go. True when anything moved. */
  progress(): boolean {
    let moved = false;
    for (let i = 0; i < takenAtOnce && this.#inbox.pop(this.#take); i++) moved = true;
    if (!this.#outbox.isEmpty) moved = this.#outbox.flush() || moved;
    if (this.#waiting.size > 0) moved = this.#flushWaiting() || moved;
    if (!this.#outgoing.isEmpty) moved = this.#outgoing.push() || moved;
    return moved;
  }

  /** Those for whom this rank has something that could not leave yet. */
  get blockedBy(): number[] {
    const streams = this.#outgoing.messages.map(({ dest }) => dest);
    return [...new Set([...this.#waiting.keys(), ...this.#outbox.dests, ...streams])];
  }

  /** Messages that have not left yet. */
  get undelivered(): readonly Outgoing[] {
    return [...this.#announced.values(), ...this.#outgoing.messages, ...[...this.#waiting.values()].flat()];
  }

  /** Fragments that were sent to each rank and taken of each, modulo 2^32. */
  get counts(): { sent: number[]; taken: number[] } {
    return { sent: [...this.#fabric.sent], taken: [...this.#fabric.taken] };
  }

  /** True when nothing that was sent is still here. */
  get drained(): boolean {
    return this.#waiting.size === 0 && this.#announced.size === 0 && this.#outgoing.isEmpty && this.#outbox.isEmpty;
  }

  /** Wakes the ranks of this host that sleep. */
  ringHost(): void {
    for (const rank of this.#fabric.map.localRanks) this.#fabric.inboxOf(rank).ringIfAsleep();
  }

  /** Sleeps until something may have come, or may go on. At most `timeoutMs`. */
  sleep(timeoutMs: number): void {
    const full = this.#blockedOn;
    if (full) full.sleepForSpace(Math.min(timeoutMs, 1));
    else this.#inbox.sleepForMail(timeoutMs, this.#couldGoOn);
  }

  /** The same without blocking the thread. */
  rest(timeoutMs: number): Promise<void> {
    return this.#inbox.mail(this.#blockedOn ? Math.min(timeoutMs, 1) : timeoutMs, this.#couldGoOn);
  }

  readonly #couldGoOn = (): boolean => this.#outgoing.couldGoOn;

  readonly #take = (words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number): void => {
    const source = words[at + slot.source];
    const id = words[at + slot.id];
    this.#fabric.taken[source]!++;
    switch (words[at + slot.kind]) {
      case kinds.eager:
        return this.#eager(readEnvelope(words, at), bytes, from, length);
      case kinds.more:
        return this.#more(source, bytes.subarray(from, from + length));
      case kinds.announce:
      case kinds.parked:
        return this.#arrivals.arrived(readEnvelope(words, at), undefined, 0);
      case kinds.accept:
        return this.#accepted(id, words[at + slot.granted]);
      case kinds.dropped:
        return this.#dropped(id);
      case kinds.body:
        return this.#incoming.body(source, id, bytes.subarray(from, from + length));
      case kinds.piece:
        return this.#incoming.piece(source, id, words[at + slot.place], words[at + slot.length]);
      case kinds.credit:
        return this.#outgoing.credit(id, words[at + slot.granted], words[at + slot.emptied]);
      case kinds.returned:
        return this.#credit.returned(source, id);
    }
  };

  /** Leaves the bytes where their receiver can fetch them without asking; -1 when there is no place for them. */
  #park({ bytes }: Payload): number {
    if (bytes.byteLength > parkingPlaces.bytes) return -1;
    const place = this.#parking.take();
    if (place >= 0) copyBytes(this.#parking.at(place, bytes.byteLength), bytes);
    return place;
  }

  #eager(envelope: Envelope, cell: Uint8Array, from: number, length: number): void {
    if (length < envelope.bytes) this.#assembly.begin(envelope, cell.subarray(from, from + length));
    else this.#arrivals.arrived(envelope, cell, from);
  }

  #more(source: number, bytes: Uint8Array): void {
    const whole = this.#assembly.add(source, bytes);
    if (whole) this.#arrivals.arrived(whole.envelope, whole.bytes, 0);
  }

  #accepted(id: number, granted: number): void {
    const outgoing = this.#announced.get(id);
    if (!outgoing) return;
    this.#announced.delete(id);
    this.#outgoing.start(outgoing, granted);
  }

  #dropped(id: number): void {
    const outgoing = this.#announced.get(id);
    this.#announced.delete(id);
    outgoing?.done();
  }

  #pushEnvelope(outgoing: Outgoing): boolean {
    if (!this.#outbox.pushEnvelope(outgoing)) return false;
    if (outgoing.announce) this.#announced.set(outgoing.id, outgoing);
    else outgoing.done();
    return true;
  }

  #flushWaiting(): boolean {
    let moved = false;
    for (const [dest, queue] of this.#waiting) {
      let sent = 0;
      while (sent < queue.length && this.#pushEnvelope(queue[sent]!)) sent += 1;
      queue.splice(0, sent);
      moved ||= sent > 0;
      if (queue.length === 0) this.#waiting.delete(dest);
    }
    return moved;
  }

  /** An inbox that has no space for what could go. */
  get #blockedOn(): Inbox | undefined {
    const [dest] = this.#waiting.keys();
    return this.#outbox.blockedOn ?? (dest === undefined ? this.#outgoing.blockedOn : this.#fabric.towards(dest));
  }
}
