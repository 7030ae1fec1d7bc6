/**
 * Rank 0's side of the star: one ZeroMQ ROUTER, to which each host process connects two DEALERs, one per lane.
 * A peer's routing id is its name and its lane; names are made fresh by the driver for each host process.
 */
import { Router } from "zeromq";
import { TransportError } from "../errors.ts";
import { handshakeMs } from "../limits.ts";
import { ownContext } from "./context.ts";
import { longestFrame, maxMessageSize, refusal } from "./frame-limit.ts";
import { openParcel } from "./parcel.ts";
import { ServedLines } from "./served-lines.ts";
import { SocketPump } from "./socket-pump.ts";
import type { Frames, Lane, ServerTransport } from "./transport.ts";
import { Waker } from "./waker.ts";
import { admit, admitting, type CurveKeys, closeDomain, setDomainResting } from "./zap.ts";

let domains = 0;

/** Who may connect over the network: the server's own keys, and the public keys that are admitted. */
export interface ServerCurve {
  readonly keys: CurveKeys;
  readonly clientKeys: readonly string[];
}

export class RouterServer implements ServerTransport {
  readonly longestFrame: number;
  readonly #domain: string | undefined;
  readonly #router: Router;
  readonly #pump: SocketPump;
  readonly #lines: ServedLines;
  #waker: Waker | undefined;

  /**
   * @param curve without it, anybody who reaches an endpoint may connect
   * @param inside true when it listens at endpoints inside of this machine only: frames may then be of any length, and none is lost
   * @param tickMs how long a peer may wait to be told what came, in ms. Default: 250
   */
  constructor(curve?: ServerCurve, inside = false, tickMs?: number) {
    this.longestFrame = longestFrame(inside);
    this.#domain = curve && `mpits-${++domains}`;
    if (curve && this.#domain) admit(this.#domain, curve.clientKeys);
    this.#router = new Router({
      context: ownContext,
      linger: 0,
      mandatory: true,
      sendTimeout: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      maxMessageSize: maxMessageSize(inside),
      handshakeInterval: handshakeMs,
      ...(curve && { curveServer: true, curveSecretKey: curve.keys.secretKey, zapDomain: this.#domain! }),
    });
    this.#pump = new SocketPump(this.#router);
    this.#lines = new ServedLines(this.#pump, !inside, tickMs);
  }

  async listen(endpoint: string): Promise<string> {
    if (this.#domain) await admitting();
    try {
      // Not `bind`: while it is under way, the pending receive would fail.
      this.#router.bindSync(endpoint);
    } catch (cause) {
      throw new TransportError(`could not listen on ${endpoint}: ${(cause as Error).message}.`, { cause });
    }
    return this.#router.lastEndpoint ?? endpoint;
  }

  start(deliver: (peer: string, lane: Lane, frames: Frames) => void): void {
    this.#waker = new Waker(this.#router);
    this.#pump.start(([id, ...frames]) => {
      const came = this.#lines.take(id!, frames);
      if (came) for (const message of openParcel(came.parcel)) deliver(came.line.peer, came.line.lane, message);
    });
  }

  send(peer: string, lane: Lane, frames: Frames): Promise<void> {
    const refused = refusal(frames, this.longestFrame);
    if (refused) return Promise.reject(refused);
    const line = this.#lines.find(peer, lane);
    return line ? this.#pump.send(lane, frames, line) : Promise.reject(new TransportError(`${peer} is not connected.`));
  }

  forget(peer: string): void {
    this.#lines.forget(peer);
  }

  rest(): void {
    this.#pump.rest();
    this.#waker?.wake();
    if (this.#domain) setDomainResting(this.#domain, true);
  }

  resume(): void {
    this.#pump.resume();
    if (this.#domain) setDomainResting(this.#domain, false);
  }

  async close(): Promise<void> {
    this.#lines.close();
    await Promise.all([this.#pump.close(), this.#waker?.close(), this.#domain && closeDomain(this.#domain)]);
  }
}
