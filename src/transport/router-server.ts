/**
 * Rank 0's side of the star: one ZeroMQ ROUTER, to which each host process connects two DEALERs, one per lane.
 * A peer's routing id is its name and its lane; names are made fresh by the driver for each host process.
 */
import { context, Dealer, Router } from "zeromq";
import { TransportError } from "../errors.ts";
import { SocketPump } from "./socket-pump.ts";
import { type Frames, type Lane, lanes, type ServerTransport } from "./transport.ts";

// An unsent message must not keep the process from ending; what matters is acknowledged by messages of our own.
context.blocky = false;

/** The largest single frame that is taken from the network, in bytes. */
export const maxFrameBytes = 2 ** 32;

let servers = 0;

export class RouterServer implements ServerTransport {
  readonly #router = new Router({
    linger: 0,
    mandatory: true,
    sendTimeout: 0,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    maxMessageSize: maxFrameBytes,
  });
  readonly #pump = new SocketPump(this.#router);
  readonly #waker = new Dealer({ linger: 0, routingId: "wake" });
  readonly #wakerPump = new SocketPump(this.#waker);
  readonly #wakeEndpoint = `inproc://mpits-wake-${process.pid}-${++servers}`;
  readonly #ids = new Map<string, Buffer>();

  async listen(endpoint: string): Promise<string> {
    try {
      // Not `bind`: while it is under way, the pending receive would fail.
      this.#router.bindSync(endpoint);
    } catch (cause) {
      throw new TransportError(`could not listen on ${endpoint}: ${(cause as Error).message}.`, { cause });
    }
    return this.#router.lastEndpoint ?? endpoint;
  }

  start(deliver: (peer: string, lane: Lane, frames: Frames) => void): void {
    this.#router.bindSync(this.#wakeEndpoint);
    this.#waker.connect(this.#wakeEndpoint);
    this.#pump.start(([id, ...frames]) => {
      const [peer, lane] = splitRoutingId(id!);
      if (lane) deliver(peer, lane, frames);
    });
  }

  send(peer: string, lane: Lane, frames: Frames): Promise<void> {
    return this.#pump.send(lane, [this.#routingId(peer, lane), ...frames]);
  }

  rest(): void {
    this.#pump.rest();
    this.#wakerPump.send("control", [new Uint8Array(0)]).catch(() => {}); // closed meanwhile: nothing is read any more
  }

  resume(): void {
    this.#pump.resume();
  }

  async close(): Promise<void> {
    await Promise.all([this.#pump.close(), this.#wakerPump.close()]);
  }

  #routingId(peer: string, lane: Lane): Buffer {
    const key = routingId(peer, lane);
    let id = this.#ids.get(key);
    if (!id) {
      id = Buffer.from(key);
      this.#ids.set(key, id);
    }
    return id;
  }
}

/** The routing id of a peer's socket for one lane. */
export function routingId(peer: string, lane: Lane): string {
  return `${peer}/${lane}`;
}

function splitRoutingId(id: Uint8Array): [string, Lane | undefined] {
  const text = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString();
  const cut = text.lastIndexOf("/");
  return [text.slice(0, cut), lanes.find((lane) => lane === text.slice(cut + 1))];
}
