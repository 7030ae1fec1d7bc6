/**
 * One ZeroMQ socket with its reader loop and its writer queue. A ZeroMQ socket refuses a second send while one is pending,
 * keeps the process alive while a receive is pending, and is garbage-collected when nobody holds it: all three are dealt with here.
 */
import type { Dealer, Router } from "zeromq";
import { TransportError } from "../errors.ts";
import type { Frames, Lane } from "./transport.ts";

interface Outgoing {
  readonly frames: Frames;
  resolve(): void;
  reject(error: Error): void;
}

/** How long messages are delivered before the event loop has a turn, in ms: it costs about as much as a small message. */
const longestTurnMs = 0.2;

/** All open sockets of this process: holding them keeps them from the garbage collector. */
const openPumps = new Set<SocketPump>();

/** How many ZeroMQ sockets this process has open. */
export function openSocketCount(): number {
  return openPumps.size;
}

export class SocketPump {
  readonly #socket: Dealer | Router;
  readonly #queues: Record<Lane, Outgoing[]> = { control: [], data: [] };
  #writing = false;
  #resting = false;
  #wake: (() => void) | undefined;
  #reader: Promise<void> | undefined;

  constructor(socket: Dealer | Router) {
    this.#socket = socket;
    openPumps.add(this);
  }

  start(deliver: (frames: Uint8Array[]) => void): void {
    this.#reader ??= this.#read(deliver);
  }

  /** Control is sent before data that waits. */
  send(lane: Lane, frames: Frames): Promise<void> {
    if (this.#socket.closed) return Promise.reject(new TransportError("the connection is closed."));
    return new Promise((resolve, reject) => {
      this.#queues[lane].push({ frames, resolve, reject });
      if (!this.#writing) void this.#write();
    });
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

  async #write(): Promise<void> {
    this.#writing = true;
    for (let next = this.#nextOutgoing(); next; next = this.#nextOutgoing()) await this.#writeOne(next);
    this.#writing = false;
  }

  #nextOutgoing(): Outgoing | undefined {
    return this.#queues.control.shift() ?? this.#queues.data.shift();
  }

  async #writeOne(outgoing: Outgoing): Promise<void> {
    try {
      await this.#socket.send(outgoing.frames as Uint8Array[]);
      outgoing.resolve();
    } catch (cause) {
      outgoing.reject(new TransportError(`sending failed: ${(cause as Error).message}`, { cause }));
    }
  }
}
