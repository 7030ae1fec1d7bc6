/** Counts messages and bytes of one job, in all and by host. */
import type { HostTalk } from "../wire/messages.ts";
import type { JobTraffic } from "./star.ts";
import { TalkTraffic, type Teller } from "./talk-traffic.ts";

interface Count {
  messages: number;
  bytes: number;
}

type Direction = "sent" | "received";

export class TrafficCounter {
  readonly #size: number;
  #byHost = new Map<string, Record<Direction, Count>>();
  #talk: TalkTraffic;

  /** @param size ranks in the cluster */
  constructor(size: number) {
    this.#size = size;
    this.#talk = new TalkTraffic(size);
  }

  reset(): void {
    this.#talk = new TalkTraffic(this.#size);
    this.#byHost = new Map();
  }

  count(host: string, direction: Direction, bytes: number): void {
    let row = this.#byHost.get(host);
    if (!row) {
      row = { sent: { messages: 0, bytes: 0 }, received: { messages: 0, bytes: 0 } };
      this.#byHost.set(host, row);
    }
    row[direction].messages += 1;
    row[direction].bytes += bytes;
  }

  /** What a host says that its ranks have sent. @throws TransportError when that can't be */
  talked(host: Teller, talk: HostTalk, nameOf: (host: number) => string): void {
    this.#talk.told(host, talk, nameOf);
  }

  snapshot(): JobTraffic {
    const sum = (direction: Direction): Count => {
      const total = { messages: 0, bytes: 0 };
      for (const row of this.#byHost.values()) {
        total.messages += row[direction].messages;
        total.bytes += row[direction].bytes;
      }
      return total;
    };
    const byHost = Object.fromEntries(
      [...this.#byHost].map(([host, row]) => [host, { sent: { ...row.sent }, received: { ...row.received } }]),
    );
    const { betweenHosts: between, betweenRanks, least } = this.#talk;
    return { sent: sum("sent"), received: sum("received"), byHost, between, betweenRanks, least };
  }
}

/** What a job has cost that has not begun. */
export const noTraffic: JobTraffic = new TrafficCounter(0).snapshot();
