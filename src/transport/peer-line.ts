/** The connecting side of a connection between two hosts: one DEALER to the other's door, for the data of their ranks. */
import type { Dealer } from "zeromq";
import { connectAnyway } from "./connect-anyway.ts";
import { type DealerOptions, makeDealer } from "./dealer-client.ts";
import { openParcel } from "./parcel.ts";
import { SocketPump } from "./socket-pump.ts";
import type { Frames } from "./transport.ts";

export class PeerLine {
  readonly #dealer: Dealer;
  readonly #pump: SocketPump;

  /** @param ticket the name under which the other side expects it */
  constructor(ticket: string, curve: DealerOptions["curve"]) {
    this.#dealer = makeDealer(ticket, "data", { curve });
    this.#pump = new SocketPump(this.#dealer);
  }

  /** Calls back when the connection, which stood, has broken: what was under way is lost. */
  async onBroken(broken: () => void): Promise<void> {
    for await (const { type } of this.#dealer.events) if (type === "disconnect") broken();
  }

  connect(endpoint: string, deliver: (frames: Frames) => void): void {
    this.#pump.start((parcel) => {
      for (const frames of openParcel(parcel)) deliver(frames);
    });
    connectAnyway(this.#dealer, endpoint);
  }

  send(frames: Frames): Promise<void> {
    return this.#pump.send("data", frames);
  }

  close(): Promise<void> {
    return this.#pump.close();
  }
}
