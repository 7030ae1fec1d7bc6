/** What the ranks of this host have sent in their job, told to the driver now and then: by pair of ranks, and by host that it crossed to. */
import type { FabricMap } from "../comm/device/fabric.ts";
import { SentTable } from "../comm/device/sent-counts.ts";
import type { HostTalk } from "../wire/messages.ts";
import type { Gateway } from "./gateway.ts";

export class TalkCounts {
  readonly #table: SentTable;
  readonly #gateway: Gateway;
  readonly #isRelayed: (host: number) => boolean;

  /** @param isRelayed whether what is for a host goes by way of rank 0 */
  constructor(map: FabricMap, gateway: Gateway, isRelayed: (host: number) => boolean) {
    this.#table = new SentTable(map);
    this.#gateway = gateway;
    this.#isRelayed = isRelayed;
  }

  /** Null when no rank has sent anything since the last time. */
  news(): HostTalk | null {
    const told = this.all();
    return told.pairs.length === 0 ? null : told;
  }

  /** The same, be it new or not. */
  all(): HostTalk {
    const crossed = this.#gateway.crossed.map(([to, { messages, bytes }]) => {
      return { to, messages, bytes, relayed: this.#isRelayed(to) };
    });
    return { pairs: this.#table.news(), least: this.#table.least(), crossed };
  }
}
