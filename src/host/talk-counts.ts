/** What the ranks of this host have sent in their job, told to the driver now and then: by pair of ranks, and by host that it crossed to. */
import type { FabricMap } from "../comm/device/fabric.ts";
import { SentTable } from "../comm/device/sent-counts.ts";
import type { HostTalk } from "../wire/messages.ts";
import type { Gateway } from "./gateway.ts";

export class TalkCounts {
  readonly #table: SentTable;
  readonly #gateway: Gateway;
  readonly #isRelayed: (host: number) => boolean;
  #toldCrossed = 0;

  /** @param isRelayed whether what is for a host goes by way of rank 0 */
  constructor(map: FabricMap, gateway: Gateway, isRelayed: (host: number) => boolean) {
    this.#table = new SentTable(map);
    this.#gateway = gateway;
    this.#isRelayed = isRelayed;
  }

  /** Null when nothing has changed since the last time. A rank counts what it sends before that has crossed. */
  news(): HostTalk | null {
    const told = this.all();
    const crossed = told.crossed.reduce((sum, { messages }) => sum + messages, 0);
    if (told.pairs.length === 0 && crossed === this.#toldCrossed) return null;
    this.#toldCrossed = crossed;
    return told;
  }

  /** The same, be it new or not. */
  all(): HostTalk {
    const crossed = this.#gateway.crossed.map(([to, { messages, bytes }]) => {
      return { to, messages, bytes, relayed: this.#isRelayed(to) };
    });
    return { pairs: this.#table.news(), least: this.#table.least(), crossed };
  }
}
