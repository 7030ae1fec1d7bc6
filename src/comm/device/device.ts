/**
 * A rank's way to the others: sends and receives messages by fragments through inboxes in shared memory. It makes progress
 * only when it is asked to (by whoever waits), in the rank's own thread, so that nothing here needs a lock.
 *
 * A message that fits into one fragment goes at once; a larger one is announced, and its bytes follow when the receiver
 * has a place for them. So nobody's memory fills with what nobody asked for.
 */
import type { Fabric } from "./fabric.ts";
import { type Envelope, kinds, readEnvelope, slot, writeSize } from "./fragment.ts";
import { fragmentBytes, fragmentWords, type Inbox } from "./inbox.ts";
import type { Payload } from "./payload.ts";

/** What the device tells about messages that come in. */
export interface Arrivals {
  /** A message, in the order of its sender. For a whole small one `bytes` are there, to be copied or used at once; an announced one can be accepted later. */
  arrived(envelope: Envelope, bytes: Uint8Array | undefined): void;
}

/** A message on its way out. */
interface Outgoing {
  readonly dest: number;
  readonly context: number;
  readonly tag: number;
  readonly id: number;
  readonly payload: Payload;
  readonly announce: boolean;
  sentBytes: number;
  /** For a stream to another host: how many bytes may have been sent in all. */
  allowedBytes: number;
  done(): void;
}

/** A message whose bytes come in after it was accepted. */
interface Incoming {
  readonly envelope: Envelope;
  readonly target: Uint8Array | undefined;
  receivedBytes: number;
  creditedBytes: number;
  done(): void;
}

/** Bytes of one stream that may be on their way to another host. */
const streamWindow = 1 << 20;

export class Device {
  readonly rank: number;
  readonly #fabric: Fabric;
  readonly #inbox: Inbox;
  readonly #arrivals: Arrivals;
  readonly #header = new Int32Array(fragmentWords);
  /** By destination: envelopes that found no space, in order. */
  readonly #waiting = new Map<number, Outgoing[]>();
  /** Announced and not yet asked for, by id. */
  readonly #announced = new Map<number, Outgoing>();
  /** Asked for, and not yet sent wholly. */
  readonly #streams = new Set<Outgoing>();
  /** Accepted, by source and id. */
  readonly #incoming = new Map<string, Incoming>();
  /** Small answers (accept, credit) that found no space. */
  readonly #answers: { readonly kind: number; readonly dest: number; readonly id: number; readonly bytes: number }[] =
    [];
  #lastId = 0;

  constructor(rank: number, fabric: Fabric, arrivals: Arrivals) {
    this.rank = rank;
    this.#fabric = fabric;
    this.#inbox = fabric.inboxOf(rank);
    this.#arrivals = arrivals;
  }

  /**
   * Starts to send. `done` is called when the data may be reused: at once for a small message (unless `synchronous`), else
   * when its last byte has left.
   */
  send(dest: number, context: number, tag: number, payload: Payload, synchronous: boolean, done: () => void): void {
    const announce = synchronous || payload.bytes.byteLength > fragmentBytes;
    this.#lastId = (this.#lastId + 1) | 0;
    const id = this.#lastId;
    const outgoing: Outgoing = { dest, context, tag, id, payload, announce, sentBytes: 0, allowedBytes: 0, done };
    const waiting = this.#waiting.get(dest);
    if (waiting) waiting.push(outgoing);
    else if (!this.#pushEnvelope(outgoing)) this.#waiting.set(dest, [outgoing]);
  }

  /** Asks for the bytes of an announced message; `target` gets them, or nobody. `done` when the last has come. */
  accept(envelope: Envelope, target: Uint8Array | undefined, done: () => void): void {
    const incoming: Incoming = { envelope, target, receivedBytes: 0, creditedBytes: 0, done };
    this.#incoming.set(keyOf(envelope.source, envelope.id), incoming);
    this.#answer(kinds.accept, envelope.source, envelope.id, 0);
    if (envelope.bytes === 0) this.#finishIncoming(incoming);
  }

  /** Takes what has come and sends what can go. True when anything moved. */
  progress(): boolean {
    let moved = false;
    for (let i = 0; i < 64 && this.#inbox.pop(this.#take); i++) moved = true;
    if (this.#answers.length > 0) moved = this.#flushAnswers() || moved;
    if (this.#waiting.size > 0) moved = this.#flushWaiting() || moved;
    for (const stream of this.#streams) moved = this.#pushBody(stream) || moved;
    return moved;
  }

  /** True while something waits for space in somebody's inbox. */
  get needsSpace(): boolean {
    return (
      this.#waiting.size > 0 ||
      this.#answers.length > 0 ||
      [...this.#streams].some((each) => each.sentBytes < this.#limit(each))
    );
  }

  /** True when nothing that was sent is still here. */
  get drained(): boolean {
    return (
      this.#waiting.size === 0 && this.#announced.size === 0 && this.#streams.size === 0 && this.#answers.length === 0
    );
  }

  /** Sleeps until something may have come, or space may have become free. At most `timeoutMs`. */
  sleep(timeoutMs: number): void {
    if (this.needsSpace) this.#blockedOn()?.sleepForSpace(Math.min(timeoutMs, 1));
    else this.#inbox.sleepForMail(timeoutMs);
  }

  /** The same without blocking the thread. */
  rest(timeoutMs: number): Promise<void> {
    return this.#inbox.mail(this.needsSpace ? Math.min(timeoutMs, 1) : timeoutMs);
  }

  readonly #take = (words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number): void => {
    switch (words[at + slot.kind]) {
      case kinds.eager:
        return this.#arrivals.arrived(readEnvelope(words, at), bytes.subarray(from, from + length));
      case kinds.announce:
        return this.#arrivals.arrived(readEnvelope(words, at), undefined);
      case kinds.accept:
        return this.#startStream(words[at + slot.id]);
      case kinds.body:
        return this.#takeBody(words[at + slot.source], words[at + slot.id], bytes, from, length);
      case kinds.credit:
        return this.#takeCredit(words[at + slot.id], words[at + slot.sizeLow]);
    }
  };

  #startStream(id: number): void {
    const outgoing = this.#announced.get(id);
    if (!outgoing) return;
    this.#announced.delete(id);
    if (outgoing.payload.bytes.byteLength === 0) return outgoing.done();
    outgoing.allowedBytes = streamWindow;
    this.#streams.add(outgoing);
  }

  #takeCredit(id: number, bytes: number): void {
    for (const stream of this.#streams) if (stream.id === id) stream.allowedBytes += bytes;
  }

  #takeBody(source: number, id: number, bytes: Uint8Array, from: number, length: number): void {
    const incoming = this.#incoming.get(keyOf(source, id));
    if (!incoming) return;
    incoming.target?.set(bytes.subarray(from, from + length), incoming.receivedBytes);
    incoming.receivedBytes += length;
    if (incoming.receivedBytes >= incoming.envelope.bytes) return this.#finishIncoming(incoming);
    const due = incoming.receivedBytes - incoming.creditedBytes;
    if (due < streamWindow / 2 || this.#fabric.isLocal(source)) return;
    incoming.creditedBytes += due;
    this.#answer(kinds.credit, source, id, due);
  }

  #finishIncoming(incoming: Incoming): void {
    this.#incoming.delete(keyOf(incoming.envelope.source, incoming.envelope.id));
    incoming.done();
  }

  #pushEnvelope(outgoing: Outgoing): boolean {
    const { dest, payload, announce } = outgoing;
    const header = this.#headerOf(announce ? kinds.announce : kinds.eager, outgoing);
    const length = announce ? 0 : payload.bytes.byteLength;
    if (!this.#fabric.towards(dest).push(header, payload.bytes, 0, length)) return false;
    if (announce) this.#announced.set(outgoing.id, outgoing);
    else outgoing.done();
    return true;
  }

  /** Pushes as much of a stream as there is space for. */
  #pushBody(stream: Outgoing): boolean {
    const { bytes } = stream.payload;
    const inbox = this.#fabric.towards(stream.dest);
    const header = this.#headerOf(kinds.body, stream);
    const limit = this.#limit(stream);
    const before = stream.sentBytes;
    while (stream.sentBytes < limit) {
      const length = Math.min(fragmentBytes, limit - stream.sentBytes);
      if (!inbox.push(header, bytes, stream.sentBytes, length)) break;
      stream.sentBytes += length;
    }
    if (stream.sentBytes === bytes.byteLength) {
      this.#streams.delete(stream);
      stream.done();
    }
    return stream.sentBytes > before;
  }

  /** How far a stream may go now: on the own host space alone limits it. */
  #limit({ dest, payload, allowedBytes }: Outgoing): number {
    const all = payload.bytes.byteLength;
    return this.#fabric.isLocal(dest) ? all : Math.min(all, allowedBytes);
  }

  #answer(kind: number, dest: number, id: number, bytes: number): void {
    if (this.#answers.length > 0 || !this.#pushAnswer(kind, dest, id, bytes))
      this.#answers.push({ kind, dest, id, bytes });
  }

  #pushAnswer(kind: number, dest: number, id: number, bytes: number): boolean {
    const header = this.#header;
    header.fill(0);
    header[slot.kind] = kind;
    header[slot.source] = this.rank;
    header[slot.dest] = dest;
    header[slot.id] = id;
    writeSize(header, bytes);
    return this.#fabric.towards(dest).push(header, nothing, 0, 0);
  }

  #flushAnswers(): boolean {
    let moved = false;
    for (let next = this.#answers[0]; next; next = this.#answers[0]) {
      if (!this.#pushAnswer(next.kind, next.dest, next.id, next.bytes)) break;
      this.#answers.shift();
      moved = true;
    }
    return moved;
  }

  #flushWaiting(): boolean {
    let moved = false;
    for (const [dest, queue] of this.#waiting) {
      while (queue[0] && this.#pushEnvelope(queue[0])) {
        queue.shift();
        moved = true;
      }
      if (queue.length === 0) this.#waiting.delete(dest);
    }
    return moved;
  }

  #blockedOn(): Inbox | undefined {
    const dest =
      this.#answers[0]?.dest ?? this.#waiting.keys().next().value ?? this.#streams.values().next().value?.dest;
    return dest === undefined ? undefined : this.#fabric.towards(dest);
  }

  #headerOf(kind: number, { dest, context, tag, id, payload }: Outgoing): Int32Array {
    const header = this.#header;
    header.fill(0);
    header[slot.kind] = kind;
    header[slot.source] = this.rank;
    header[slot.dest] = dest;
    header[slot.context] = context;
    header[slot.tag] = tag;
    header[slot.id] = id;
    header[slot.type] = payload.type;
    writeSize(header, payload.bytes.byteLength);
    return header;
  }
}

const nothing = new Uint8Array(0);

function keyOf(source: number, id: number): string {
  return `${source}:${id}`;
}
