/**
 * The way from the ranks of one host to those of others: takes fragments out of the fabric's gateway and sends them on in
 * batches, and puts those that come from other hosts into the inboxes of the ranks here. Fragments are moved, not understood.
 */
import { Fabric, type FabricMap } from "../comm/device/fabric.ts";
import { slot } from "../comm/device/fragment.ts";
import { fragmentWords } from "../comm/device/inbox.ts";

const headerBytes = (fragmentWords + 1) * 4;
/** A batch is sent when it has grown to this, or when there is nothing more to put in. */
const batchBytes = 1 << 20;
/** How long an idle gateway sleeps between two looks, in ms; mail wakes it at once. */
const restMs = 1000;

/** Fragments for one host, one behind the other: each a header with its payload's length, and the payload. */
interface Batch {
  readonly dest: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

export class Gateway {
  readonly #fabric: Fabric;
  readonly #send: (dest: number, fragments: Uint8Array) => void;
  readonly #batches = new Map<number, Batch>();
  /** By rank here: what found no space in its inbox. */
  readonly #waiting = new Map<number, Uint8Array[]>();
  #closed = false;

  /** @param send gets a batch, and a rank of the host that it is for */
  constructor(map: FabricMap, send: (dest: number, fragments: Uint8Array) => void) {
    this.#fabric = new Fabric(map);
    this.#send = send;
    void this.#run();
  }

  /** A batch from another host. */
  deliver(fragments: Uint8Array): void {
    for (let at = 0; at < fragments.byteLength; ) {
      const end = at + headerBytes + lengthAt(fragments, at);
      this.#put(fragments.subarray(at, end));
      at = end;
    }
    if (this.#waiting.size > 0) this.#fabric.gateway.ringReader(); // the loop looks after them
  }

  close(): void {
    this.#closed = true;
    this.#fabric.gateway.ringReader();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      while (this.#fabric.gateway.pop(this.#take));
      for (const batch of this.#batches.values()) this.#flush(batch);
      const stuck = this.#retry();
      await this.#fabric.gateway.mail(stuck ? 1 : restMs);
    }
  }

  readonly #take = (words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number): void => {
    const copy = new Uint8Array(headerBytes + length);
    const header = new Int32Array(copy.buffer, 0, fragmentWords + 1);
    header[0] = length;
    header.set(words.subarray(at, at + fragmentWords), 1);
    copy.set(bytes.subarray(from, from + length), headerBytes);
    const dest = words[at + slot.dest];
    const host = this.#fabric.map.hosts[dest];
    let batch = this.#batches.get(host);
    if (!batch) {
      batch = { dest, parts: [], bytes: 0 };
      this.#batches.set(host, batch);
    }
    batch.parts.push(copy);
    batch.bytes += copy.byteLength;
    if (batch.bytes >= batchBytes) this.#flush(batch);
  };

  #flush(batch: Batch): void {
    this.#batches.delete(this.#fabric.map.hosts[batch.dest]);
    this.#send(batch.dest, Buffer.concat(batch.parts, batch.bytes));
  }

  /** Order within a destination is kept: what waits goes first. */
  #put(fragment: Uint8Array): void {
    const own = new Uint8Array(fragment); // its words must lie on a multiple of 4, and what came may lie in the sender's memory
    const header = new Int32Array(own.buffer, 4, fragmentWords);
    const dest = header[slot.dest];
    if (!this.#fabric.isLocal(dest)) return;
    const waiting = this.#waiting.get(dest);
    if (waiting) waiting.push(own);
    else if (!this.#push(own)) this.#waiting.set(dest, [own]);
  }

  #push(own: Uint8Array): boolean {
    const header = new Int32Array(own.buffer, 4, fragmentWords);
    return this.#fabric.inboxOf(header[slot.dest]).push(header, own, headerBytes, own.byteLength - headerBytes);
  }

  /** True while something still waits. */
  #retry(): boolean {
    for (const [dest, queue] of this.#waiting) {
      while (queue[0] && this.#push(queue[0])) queue.shift();
      if (queue.length === 0) this.#waiting.delete(dest);
    }
    return this.#waiting.size > 0;
  }
}

function lengthAt(fragments: Uint8Array, at: number): number {
  return new DataView(fragments.buffer, fragments.byteOffset + at, 4).getInt32(0, true);
}
