/**
 * The way from the ranks of one host to those of others: takes fragments out of the fabric's gateway and sends them on in
 * batches, and puts those that come from other hosts into the inboxes of the ranks here. Fragments are moved, not understood; the
 * pieces of large messages go out from where their sender put them.
 */
import { Fabric, type FabricMap } from "../comm/device/fabric.ts";
import { kinds, slot } from "../comm/device/fragment.ts";
import { farPlaces } from "../comm/device/staging.ts";
import { TransportError } from "../errors.ts";
import { releaseFrame } from "../received-memory.ts";
import type { Frames } from "../transport/transport.ts";
import { copyBytes } from "../wire/copy-bytes.ts";
import { sizeOf } from "../wire/messages.ts";
import { Batch, type CameFragment, fragmentsOf } from "./batch.ts";

/** How long an idle gateway sleeps between two looks, in ms; mail wakes it at once. */
const restMs = 1000;

/** What a host's ranks have sent to another's. */
interface Crossed {
  messages: number;
  bytes: number;
}

/** The way to one host. */
interface Way {
  readonly batch: Batch;
  readonly crossed: Crossed;
}

export class Gateway {
  readonly #job: number;
  readonly #fabric: Fabric;
  readonly #send: (host: number, frames: Frames) => void;
  readonly #ways = new Map<number, Way>();
  /** By rank here: what found no space in its inbox. Bounded by the credit of those who sent it. */
  readonly #waiting = new Map<number, CameFragment[]>();
  #closed = false;

  /** @param send gets what is for the ranks of a host */
  constructor(job: number, map: FabricMap, send: (host: number, frames: Frames) => void) {
    this.#job = job;
    this.#fabric = new Fabric(map);
    this.#send = send;
    void this.#run();
  }

  /** By host, what went there: messages and bytes of frames. */
  get crossed(): [number, Crossed][] {
    return [...this.#ways].map(([host, { crossed }]) => [host, crossed]);
  }

  /** A batch from another host. @throws TransportError when it is none, speaks for the ranks of others, or is more than was asked for */
  deliver(from: number, frames: Frames): void {
    for (const fragment of fragmentsOf(frames)) this.#put(from, fragment);
  }

  close(): void {
    this.#closed = true;
    this.#fabric.gateway.ringReader();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      while (this.#fabric.gateway.pop(this.#take));
      for (const [host, way] of this.#ways) if (!way.batch.isEmpty) this.#flush(host, way);
      await this.#fabric.gateway.mail(restMs);
    }
  }

  readonly #take = (words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number): void => {
    const host = this.#fabric.map.hosts[words[at + slot.dest]];
    const way = this.#wayTo(host);
    if (way.batch.isFull) this.#flush(host, way);
    way.batch.add(words, at, bytes.subarray(from, from + length), this.#pieceAt(words, at));
  };

  #pieceAt(words: Int32Array, at: number): Uint8Array | undefined {
    if (words[at + slot.kind] !== kinds.piece) return undefined;
    return this.#fabric.departingOf(words[at + slot.source]).at(words[at + slot.place], words[at + slot.length]);
  }

  #wayTo(host: number): Way {
    let way = this.#ways.get(host);
    if (!way) {
      way = { batch: new Batch(this.#job), crossed: { messages: 0, bytes: 0 } };
      this.#ways.set(host, way);
    }
    return way;
  }

  #flush(host: number, { batch, crossed }: Way): void {
    const frames = batch.take();
    crossed.messages += 1;
    crossed.bytes += sizeOf(frames);
    this.#send(host, frames);
  }

  #put(from: number, fragment: CameFragment): void {
    const { header, piece } = fragment;
    const dest = header[slot.dest];
    const source = header[slot.source];
    if (!this.#fabric.isLocal(dest) || this.#fabric.map.hosts[source] !== from)
      throw new TransportError(`a fragment arrived from rank ${source} for rank ${dest}, and neither can be.`);
    if (piece) header[slot.place] = this.#stage(dest, piece);
    // Order within a destination is kept: what waits goes first.
    const waiting = this.#waiting.get(dest);
    if (waiting) waiting.push(fragment);
    else if (!this.#push(dest, fragment)) void this.#pushLater(dest, fragment);
  }

  /** There is a place: the rank has granted no more pieces than it has. */
  #stage(dest: number, piece: Uint8Array): number {
    const staging = this.#fabric.arrivingOf(dest);
    const place = piece.byteLength <= farPlaces.bytes ? staging.take() : -1;
    if (place < 0) throw new TransportError(`more arrived for rank ${dest} than it has asked for.`);
    copyBytes(staging.at(place, piece.byteLength), piece);
    releaseFrame(piece);
    return place;
  }

  #push(dest: number, { header, payload }: CameFragment): boolean {
    return this.#fabric.inboxOf(dest).push(header, payload, 0, payload.byteLength);
  }

  /** Until nothing waits for this rank any more, what comes for it waits as well. */
  async #pushLater(dest: number, first: CameFragment): Promise<void> {
    const waiting = [first];
    this.#waiting.set(dest, waiting);
    while (waiting.length > 0 && !this.#closed) {
      let pushed = 0;
      while (pushed < waiting.length && this.#push(dest, waiting[pushed]!)) pushed += 1;
      waiting.splice(0, pushed);
      if (waiting.length > 0) await this.#fabric.inboxOf(dest).space(restMs);
    }
    this.#waiting.delete(dest);
  }
}
