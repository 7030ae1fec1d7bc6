/** Counts messages and bytes of one job, in all and by host. */
import type { JobTraffic, PairTraffic } from "./star.ts";

interface Count {
  messages: number;
  bytes: number;
}

type Direction = "sent" | "received";

export class TrafficCounter {
  #byHost = new Map<string, Record<Direction, Count>>();
  #between: PairTraffic[] = [];

  reset(): void {
    this.#between = [];
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

  /** What one host says that its ranks sent to another's. */
  crossed(pair: PairTraffic): void {
    this.#between.push(pair);
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
    return { sent: sum("sent"), received: sum("received"), byHost, between: [...this.#between] };
  }
}

/** What a job has cost that has not begun. */
export const noTraffic: JobTraffic = new TrafficCounter().snapshot();
