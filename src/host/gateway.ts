/**
 * The way from the ranks of one host to those of others: takes fragments out of the fabric's gateway and sends them on in
 * batches, and puts those that come from other hosts into the inboxes of the ranks here. Fragments are moved, not understood.
 */

import { Fabric, type FabricMap } from "../comm/device/fabric.ts";
import { slot } from "../comm/device/fragment.ts";
import { fragmentBytes, fragmentWords, type Inbox } from "../comm/device/inbox.ts";
import { TransportError } from "../errors.ts";
import type { Frames } from "../transport/transport.ts";
import { sizeOf } from "../wire/messages.ts";

/** A fragment on its way: its payload's length, its header's words, its payload. */
const headerBytes = (fragmentWords + 1) * 4;
/** In front of a batch, the number of its job. */
const batchHeaderBytes = 8;
/** A batch is sent when it has grown to this, or when there is nothing more to put in. */
const batchBytes = 1 << 18;
/** How long an idle gateway sleeps between two looks, in ms; mail wakes it at once. */
const restMs = 1000;

/** Fragments for one host, one behind the other. */
interface Batch {
  readonly parts: Uint8Array[];
  bytes: number;
}

/** What a host's ranks have sent to another host's. */
export interface Crossed {
  messages: number;
  bytes: number;
}

/** The job that a batch is for. @throws TransportError when it is too short for one */
export function jobOf([batch]: Frames): number {
  if (!batch || batch.byteLength < batchHeaderBytes) throw new TransportError("a batch without a head arrived.");
  return viewOf(batch).getUint32(0, true);
}

export class Gateway {
  /** By host, what went there. */
  readonly crossed = new Map<number, Crossed>();
  readonly #job: number;
  readonly #fabric: Fabric;
  readonly #send: (host: number, frames: Frames) => void;
  readonly #batches = new Map<number, Batch>();
  /** By rank here: what found no space in its inbox. Bounded by the credit of those who sent it. */
  readonly #waiting = new Map<number, Uint8Array[]>();
  #closed = false;

  /** @param send gets what is for the ranks of a host */
  constructor(job: number, map: FabricMap, send: (host: number, frames: Frames) => void) {
    this.#job = job;
    this.#fabric = new Fabric(map);
    this.#send = send;
    void this.#run();
  }

  /** A batch from another host. @throws TransportError when it is none, or speaks for the ranks of others */
  deliver(from: number, [batch]: Frames): void {
    const own = new Uint8Array(batch!); // its words must lie on a multiple of 4, and what came may lie in the sender's memory
    const view = viewOf(own);
    for (let at = batchHeaderBytes; at < own.byteLength; ) {
      const length = at + headerBytes <= own.byteLength ? view.getUint32(at, true) : Number.NaN;
      const end = at + headerBytes + length + padding(length);
      if (!(length <= fragmentBytes) || end > own.byteLength) throw new TransportError("a batch arrived that is none.");
      this.#put(from, own.subarray(at, at + headerBytes + length));
      at = end;
    }
  }

  close(): void {
    this.#closed = true;
    this.#fabric.gateway.ringReader();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      while (this.#fabric.gateway.pop(this.#take));
      for (const [host, batch] of this.#batches) this.#flush(host, batch);
      await this.#fabric.gateway.mail(restMs);
    }
  }

  readonly #take = (words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number): void => {
    const copy = new Uint8Array(headerBytes + length + padding(length));
    const header = new Int32Array(copy.buffer, 0, fragmentWords + 1);
    header[0] = length;
    header.set(words.subarray(at, at + fragmentWords), 1);
    copy.set(bytes.subarray(from, from + length), headerBytes);
    const host = this.#fabric.map.hosts[words[at + slot.dest]];
    let batch = this.#batches.get(host);
    if (!batch) {
      const head = new Uint8Array(batchHeaderBytes);
      viewOf(head).setUint32(0, this.#job, true);
      batch = { parts: [head], bytes: batchHeaderBytes };
      this.#batches.set(host, batch);
    }
    batch.parts.push(copy);
    batch.bytes += copy.byteLength;
    if (batch.bytes >= batchBytes) this.#flush(host, batch);
  };

  #flush(host: number, batch: Batch): void {
    this.#batches.delete(host);
    const frames = [Buffer.concat(batch.parts, batch.bytes)];
    let crossed = this.crossed.get(host);
    if (!crossed) {
      crossed = { messages: 0, bytes: 0 };
      this.crossed.set(host, crossed);
    }
    crossed.messages += 1;
    crossed.bytes += sizeOf(frames);
    this.#send(host, frames);
  }

  /** Order within a destination is kept: what waits goes first. */
  #put(from: number, fragment: Uint8Array): void {
    const header = headerOf(fragment);
    const dest = header[slot.dest];
    if (!this.#fabric.isLocal(dest) || this.#fabric.map.hosts[header[slot.source]] !== from)
      throw new TransportError(
        `a fragment arrived from rank ${header[slot.source]} for rank ${dest}, and neither can be.`,
      );
    const waiting = this.#waiting.get(dest);
    if (waiting) waiting.push(fragment);
    else if (!push(this.#fabric.inboxOf(dest), fragment)) void this.#pushLater(dest, fragment);
  }

  /** Until nothing waits for this rank any more, what comes for it waits as well. */
  async #pushLater(dest: number, first: Uint8Array): Promise<void> {
    const inbox = this.#fabric.inboxOf(dest);
    const waiting = [first];
    this.#waiting.set(dest, waiting);
    let next = 0;
    while (next < waiting.length && !this.#closed) {
      if (push(inbox, waiting[next]!)) next += 1;
      else {
        waiting.splice(0, next);
        next = 0;
        await inbox.space(restMs);
      }
    }
    this.#waiting.delete(dest);
  }
}

function push(inbox: Inbox, fragment: Uint8Array): boolean {
  return inbox.push(headerOf(fragment), fragment, headerBytes, fragment.byteLength - headerBytes);
}

function headerOf(fragment: Uint8Array): Int32Array {
  return new Int32Array(fragment.buffer, fragment.byteOffset + 4, fragmentWords);
}

/** Every fragment begins on a multiple of 4. */
function padding(length: number): number {
  return -length & 3;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
