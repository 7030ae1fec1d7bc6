/**
 * One ZeroMQ socket with its reader loop and its writer queue. A ZeroMQ socket refuses a second send while one is pending,
 * keeps the process alive while a receive is pending, and is garbage-collected when nobody holds it: all three are dealt with here.
 * Data of one turn of the event loop goes together; control goes at once, or with what else is said in the same stretch of code.
 */
import type { Dealer, Router } from "zeromq";
import { TransportError } from "../errors.ts";
import type { Ledger } from "./ledger.ts";
import { packParcel } from "./parcel.ts";
import { type Frames, type Lane, lanes } from "./transport.ts";

/** The other end of what is sent. */
export interface Route {
  /** Of a ROUTER's peer. Another one when the peer connects anew. */
  readonly id?: Uint8Array | undefined;
  /** Numbers the parcels, and keeps them. */
  readonly ledger?: Ledger | undefined;
}

interface Outgoing {
  readonly frames: Frames;
  readonly to: Route;
  /** Not to be put in a parcel: it was, or it is none. */
  readonly asIs: boolean;
  resolve(): void;
  reject(error: Error): void;
}

/** How long messages are delivered before the event loop has a turn, in ms: it costs about as much as a small message. */
const longestTurnMs = 0.2;

/** A parcel that has grown to this takes nothing more. */
const fullBytes = 1 << 16;

const onlyWay: Route = {};

/** All open sockets of this process: holding them keeps them from the garbage collector. */
const openPumps = new Set<SocketPump>();

/** How many ZeroMQ sockets this process has open. */
export function openSocketCount(): number {
  return openPumps.size;
}

interface PumpOptions {
  /** Whether messages go in parcels, several together (default); else each goes as it is, and by itself. */
  readonly inParcels?: boolean;
  /**
   * Whether control waits until the code that sends it has run to its end, and goes together; else (default) the first of it goes
   * within the call, for what runs on may be a program that gives nothing its turn for long.
   */
  readonly inStretches?: boolean;
}

export class SocketPump {
  readonly #socket: Dealer | Router;
  readonly #inParcels: boolean;
  readonly #inStretches: boolean;
  readonly #queues: Record<Lane, Outgoing[]> = { control: [], data: [] };
  #writing = false;
  #soon: NodeJS.Immediate | undefined;
  #behindStretch = false;
  #resting = false;
  #wake: (() => void) | undefined;
  #reader: Promise<void> | undefined;

  constructor(socket: Dealer | Router, { inParcels = true, inStretches = false }: PumpOptions = {}) {
    this.#socket = socket;
    this.#inParcels = inParcels;
    this.#inStretches = inStretches;
    openPumps.add(this);
  }

  start(deliver: (frames: Uint8Array[]) => void): void {
    this.#reader ??= this.#read(deliver);
  }

  /** Control is sent before data that waits. */
  send(lane: Lane, frames: Frames, to: Route = onlyWay): Promise<void> {
    if (this.#socket.closed) return Promise.reject(new TransportError("the connection is closed."));
    return new Promise((resolve, reject) => {
      this.#queues[lane].push({ frames, to, asIs: !this.#inParcels, resolve, reject });
      if (this.#writing) return;
      if (lane === "data" && this.#inParcels) this.#soon ??= setImmediate(() => this.#write());
      else if (this.#inStretches) this.#writeBehindStretch();
      else void this.#write();
    });
  }

  /** What waits goes, without waiting for more. */
  flush(): void {
    if (this.#soon && !this.#writing) void this.#write();
  }

  /** Whether nothing waits here, and nothing is being written. */
  get isIdle(): boolean {
    return !this.#writing && lanes.every((lane) => this.#queues[lane].length === 0);
  }

  /** Messages as they are, each by itself, before all that waits. */
  sendFirst(messages: readonly Frames[], to: Route = onlyWay): void {
    if (this.#socket.closed) return;
    const ignore = () => {}; // whoever numbered them has them
    const entries = messages.map((frames) => ({ frames, to, asIs: true, resolve: ignore, reject: ignore }));
    this.#queues.control.unshift(...entries);
    if (!this.#writing) void this.#write();
  }

  /** What waits here goes by another socket. What is being written does not: it is numbered, and kept. */
  handOver(to: SocketPump): void {
    for (const lane of lanes) to.#queues[lane].push(...this.#queues[lane].splice(0));
    if (!to.#writing) void to.#write();
  }

  /** No further receive is begun. One that is pending ends with the next message, so the other side has to send one. */
  rest(): void {
    this.#resting = true;
  }

  resume(): void {
    this.#resting = false;
    this.#wake?.();
  }

  async close(): Promise<void> {
    openPumps.delete(this);
    clearImmediate(this.#soon);
    if (!this.#socket.closed) this.#socket.close();
    this.resume();
    for (const { reject } of [...this.#queues.control.splice(0), ...this.#queues.data.splice(0)])
      reject(new TransportError("the connection was closed before this was sent."));
    await this.#reader;
  }

  async #read(deliver: (frames: Uint8Array[]) => void): Promise<void> {
    let sinceMs = performance.now();
    while (!this.#socket.closed) {
      while (this.#resting) await this.#resumed(); // it may rest again before it wakes
      const frames = await this.#receive();
      if (!frames) continue;
      deliver(frames);
      // Messages that are there already come without a turn of the event loop: data in plenty would keep control waiting.
      if (performance.now() - sinceMs < longestTurnMs) continue;
      await new Promise(setImmediate);
      sinceMs = performance.now();
    }
  }

  /** The next message; undefined when the socket was closed meanwhile, which ends a receive with an error. */
  async #receive(): Promise<Uint8Array[] | undefined> {
    if (this.#socket.closed) return undefined;
    try {
      return await this.#socket.receive();
    } catch (cause) {
      if (this.#socket.closed) return undefined;
      throw new TransportError("receiving failed.", { cause });
    }
  }

  #resumed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #writeBehindStretch(): void {
    if (this.#behindStretch) return;
    this.#behindStretch = true;
    queueMicrotask(() => {
      this.#behindStretch = false;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    if (this.#writing) return;
    this.#writing = true;
    for (let next = this.#nextParcel(); next.length > 0; next = this.#nextParcel()) await this.#writeTogether(next);
    this.#writing = false;
  }

  /** What goes to the same peer as the first that waits, as far as it comes right behind it. */
  #nextParcel(): Outgoing[] {
    const queue = this.#queues.control.length > 0 ? this.#queues.control : this.#queues.data;
    let count = 0;
    let bytes = 0;
    for (const { to, frames, asIs } of queue) {
      if (to !== queue[0]!.to || bytes >= fullBytes || (count > 0 && (asIs || queue[0]!.asIs))) break;
      for (const { byteLength } of frames) bytes += byteLength;
      count += 1;
    }
    return queue.splice(0, count);
  }

  async #writeTogether(messages: readonly Outgoing[]): Promise<void> {
    const { id } = messages[0]!.to;
    try {
      for (const parcel of parcelsOf(messages))
        await this.#socket.send((id ? [id, ...parcel] : parcel) as Uint8Array[]);
      for (const { resolve } of messages) resolve();
    } catch (cause) {
      const error = new TransportError(`sending failed: ${(cause as Error).message}`, { cause });
      for (const { reject } of messages) reject(error);
    }
  }
}

function parcelsOf(messages: readonly Outgoing[]): Frames[] {
  const [{ frames, to, asIs }] = messages as [Outgoing];
  if (asIs) return [frames];
  const contents = messages.map((each) => each.frames);
  return to.ledger ? to.ledger.number(contents) : [packParcel(contents)];
}
