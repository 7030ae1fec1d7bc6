/** Ends a pending receive of a ROUTER by a message of our own, so that its reader can rest: ZeroMQ knows no other way. */
import { Dealer, type Router } from "zeromq";
import { connectAnyway } from "./connect-anyway.ts";
import { ownContext } from "./context.ts";
import { SocketPump } from "./socket-pump.ts";

let wakers = 0;

export class Waker {
  readonly #dealer = new Dealer({ context: ownContext, linger: 0, routingId: "wake" });
  readonly #pump = new SocketPump(this.#dealer, { inParcels: false });

  /** @param router the socket to wake; what comes from a peer without a lane, it ignores */
  constructor(router: Router) {
    const endpoint = `inproc://mpits-wake-${++wakers}`;
    router.bindSync(endpoint);
    connectAnyway(this.#dealer, endpoint);
  }

  wake(): void {
    this.#pump.send("control", [new Uint8Array(0)]).catch(() => {}); // closed meanwhile: nothing is read any more
  }

  close(): Promise<void> {
    return this.#pump.close();
  }
}
