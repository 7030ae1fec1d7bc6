/** A host process's side of the star: two ZeroMQ DEALERs to rank 0's ROUTER, one for control and one for data. */
import { context, Dealer } from "zeromq";
import { maxFrameBytes, routingId } from "./router-server.ts";
import { SocketPump } from "./socket-pump.ts";
import { type ClientTransport, type Frames, type Lane, lanes } from "./transport.ts";

context.blocky = false;

export class DealerClient implements ClientTransport {
  readonly #dealers: Record<Lane, Dealer>;
  readonly #pumps: Record<Lane, SocketPump>;

  /** @param peer this host process's name at the driver, the same that the driver gave it */
  constructor(peer: string) {
    this.#dealers = { control: makeDealer(peer, "control"), data: makeDealer(peer, "data") };
    this.#pumps = { control: new SocketPump(this.#dealers.control), data: new SocketPump(this.#dealers.data) };
  }

  connect(endpoint: string): void {
    for (const lane of lanes) this.#dealers[lane].connect(endpoint);
  }

  start(deliver: (lane: Lane, frames: Frames) => void): void {
    for (const lane of lanes) this.#pumps[lane].start((frames) => deliver(lane, frames));
  }

  send(lane: Lane, frames: Frames): Promise<void> {
    return this.#pumps[lane].send(lane, frames);
  }

  rest(): void {
    for (const lane of lanes) this.#pumps[lane].rest();
  }

  resume(): void {
    for (const lane of lanes) this.#pumps[lane].resume();
  }

  async close(): Promise<void> {
    await Promise.all(lanes.map((lane) => this.#pumps[lane].close()));
  }
}

function makeDealer(peer: string, lane: Lane): Dealer {
  return new Dealer({
    linger: 0,
    routingId: routingId(peer, lane),
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    maxMessageSize: maxFrameBytes,
  });
}
