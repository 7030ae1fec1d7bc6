/** A host process's side of the star: two ZeroMQ DEALERs to rank 0's ROUTER, one for control and one for data. */
import { Dealer } from "zeromq";
import { connectAnyway } from "./connect-anyway.ts";
import { ownContext } from "./context.ts";
import { longestFrame, maxMessageSize, refusal } from "./frame-limit.ts";
import { openParcel } from "./parcel.ts";
import { routingId } from "./router-server.ts";
import { SocketPump } from "./socket-pump.ts";
import { type ClientTransport, type Frames, type Lane, lanes } from "./transport.ts";
import type { CurveKeys } from "./zap.ts";

export interface DealerOptions {
  /** This client's own keys and the server's public one. Without them the connection is plain. */
  readonly curve?: { readonly keys: CurveKeys; readonly serverKey: string } | undefined;
  /** True when the server is in this machine and can't be reached from outside of it: frames may then be of any length. */
  readonly inside?: boolean;
  /** The connection counts as broken when nothing was heard from the other side for so long, in ms. Undefined: only when it closes. */
  readonly silenceMs?: number | undefined;
}

export class DealerClient implements ClientTransport {
  readonly longestFrame: number;
  readonly #dealers: Record<Lane, Dealer>;
  readonly #pumps: Record<Lane, SocketPump>;

  /** @param peer this host process's name at the driver, the same that the driver gave it */
  constructor(peer: string, options: DealerOptions = {}) {
    this.longestFrame = longestFrame(options.inside ?? false);
    this.#dealers = { control: makeDealer(peer, "control", options), data: makeDealer(peer, "data", options) };
    this.#pumps = { control: new SocketPump(this.#dealers.control), data: new SocketPump(this.#dealers.data) };
  }

  /**
   * Calls back when a connection that stood has broken. ZeroMQ would connect again by itself, but what was under way is lost,
   * and nobody knows how much of it.
   */
  onBroken(broken: () => void): void {
    for (const lane of lanes) this.#dealers[lane].events.on("disconnect", broken);
  }

  connect(endpoint: string): void {
    for (const lane of lanes) connectAnyway(this.#dealers[lane], endpoint);
  }

  start(deliver: (lane: Lane, frames: Frames) => void): void {
    for (const lane of lanes)
      this.#pumps[lane].start((parcel) => {
        for (const frames of openParcel(parcel)) deliver(lane, frames);
      });
  }

  send(lane: Lane, frames: Frames): Promise<void> {
    const refused = refusal(frames, this.longestFrame);
    return refused ? Promise.reject(refused) : this.#pumps[lane].send(lane, frames);
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

/** A socket that names itself by peer and lane. */
export function makeDealer(peer: string, lane: Lane, { curve, inside = false, silenceMs }: DealerOptions): Dealer {
  return new Dealer({
    context: ownContext,
    linger: 0,
    routingId: routingId(peer, lane),
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    maxMessageSize: maxMessageSize(inside),
    ...(curve && {
      curvePublicKey: curve.keys.publicKey,
      curveSecretKey: curve.keys.secretKey,
      curveServerKey: curve.serverKey,
    }),
    // ZeroMQ's I/O thread answers, so a busy other side is not silent. Not on the data lane: behind a large frame on a slow
    // line, an answer may come late.
    ...(silenceMs !== undefined && lane === "control" && heartbeats(silenceMs)),
  });
}

/** ZeroMQ waits for the answer to a beat, and the silence began up to one interval before that beat. */
function heartbeats(silenceMs: number): { heartbeatInterval: number; heartbeatTimeout: number } {
  const heartbeatInterval = Math.ceil(silenceMs / 5);
  return { heartbeatInterval, heartbeatTimeout: silenceMs - heartbeatInterval };
}
