/** What the page knows: the last state it was told, and all that came with it. Panels read it; the source fills it. */
import type { OutputLine } from "../../cluster/output-log.ts";
import type { PageEvents, PageState, RankTraffic, Row, Sample } from "../protocol.ts";
import { Lanes } from "./lanes.ts";
import { numberOf } from "./states.ts";

/** How the page stands to its driver. `report`: it is a file, and has none. */
export type Connection = "connecting" | "live" | "lost" | "closed" | "refused" | "report";

/** The last of a kind that are kept. */
const most = { lines: 5000, recent: 30 } as const;

const noTraffic: RankTraffic = { pairs: [], leastBytes: 0 };

export class Model {
  connection: Connection = "connecting";
  state: PageState | undefined;
  lanes = new Lanes();
  samples: Sample[] = [];
  /** Replaced when it changes. */
  traffic: RankTraffic = noTraffic;
  lines: OutputLine[] = [];
  /** Counts lines ever told, so that a panel sees what is new. */
  lineCount = 0;
  /** The last transitions of the job (under −1) and of each rank, newest last. */
  recent = new Map<number, Row[]>();
  dropped = 0;
  /** The rank that the user follows. */
  selected: number | undefined;
  /** Adds to the driver's clock what has passed here since it was told. */
  #toldMs = 0;

  /** The driver's clock. */
  get nowMs(): number {
    if (!this.state) return Date.now();
    const running = this.connection === "live" ? performance.now() - this.#toldMs : 0;
    return this.state.nowMs + running;
  }

  begin(): void {
    this.lanes = new Lanes();
    this.samples = [];
    this.traffic = noTraffic;
    this.lines = [];
    this.recent = new Map();
    this.dropped = 0;
    if (this.state) {
      const { job: _, ...state } = this.state;
      this.state = state;
    }
  }

  take<Name extends keyof PageEvents>(name: Name, data: PageEvents[Name]): void {
    (this.#takers[name] as (data: PageEvents[Name]) => void)(data);
  }

  readonly #takers: { readonly [Name in keyof PageEvents]: (data: PageEvents[Name]) => void } = {
    begin: () => this.begin(),
    state: (state) => {
      this.#toldMs = performance.now();
      this.state = state;
      this.lanes.widen((state.job?.snapshot.ranks.length ?? 0) + 1);
    },
    records: ({ rows, dropped }) => {
      this.dropped += dropped;
      for (const row of rows) this.#record(row);
    },
    samples: (samples) => void this.samples.push(...samples),
    traffic: (traffic) => {
      this.traffic = traffic;
    },
    lines: (lines) => {
      this.lineCount += lines.length;
      this.lines = [...this.lines, ...lines].slice(-most.lines);
    },
    closed: () => {
      this.connection = "closed";
    },
  };

  #record(row: Row): void {
    const [timeMs, rank, from, to] = row;
    this.lanes.add(rank + 1, timeMs, numberOf(from), numberOf(to));
    const recent = this.recent.get(rank) ?? [];
    this.recent.set(rank, recent);
    recent.push(row);
    if (recent.length > 2 * most.recent) recent.splice(0, recent.length - most.recent);
  }
}
