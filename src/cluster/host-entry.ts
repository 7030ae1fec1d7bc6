/** A host as the cluster keeps it: its ranks, its process, and whether it lives. */
import { randomBytes } from "node:crypto";
import type { HostSpec } from "../config/host-spec.ts";
import type { HostProbe, HostProcess } from "../launch/launcher.ts";
import { type Lane, lanes, type ServerTransport } from "../transport/transport.ts";
import type { HostUsage } from "../wire/messages.ts";

/** A host of a cluster, the driver's own first. */
export interface HostSnapshot {
  readonly name: string;
  readonly ranks: readonly number[];
  /** The process that its ranks live in, as its machine numbers it. */
  readonly pid: number | undefined;
  readonly nodeVersion: string | undefined;
  /** When the driver last heard of it, in ms since 1970 by its own clock; 0 when it never has. While a job runs, that is less than a second ago. */
  readonly heardMs: number;
  /** Cores that its process has used of late, on average, and its memory in bytes; absent until it has told. */
  readonly cores?: number;
  readonly memoryBytes?: number;
  /** Why it is lost; absent while it lives. */
  readonly lost?: string;
}

/** What a host says of itself in its Hello. */
interface Greeting {
  readonly pid: number;
  readonly nodeVersion: string;
}

export class HostEntry {
  /** 0 is the driver's own. */
  readonly index: number;
  readonly name: string;
  readonly ranks: readonly number[];
  /** Undefined for the driver's own. */
  readonly spec: HostSpec | undefined;
  /** Its name on the wire, short whatever the host is called, and fresh for each process: what an earlier one may still send is nobody's. */
  readonly peer: string;
  /** The socket that it is connected to. */
  readonly server: ServerTransport;
  /** What it said of itself before it had its settings. */
  probe: HostProbe | undefined;
  /** What works there, but may surprise. */
  warnings: readonly string[] = [];
  process: HostProcess | undefined;
  /** Why it is lost; undefined while it lives. */
  lost: string | undefined;
  /** True when we ended it ourselves. */
  ending = false;
  heardMs = 0;
  /** What it said last. */
  usage: HostUsage | undefined;
  /** True while it owes an answer: it has work, or was told to end a job. */
  expected = false;
  /** Resolves when both lanes have said Hello; rejects after `refused`. */
  readonly greeted: Promise<void>;
  readonly #lanesSeen = new Set<Lane>();
  #greet!: () => void;
  #notToGreet!: (error: unknown) => void;
  #greeting: Greeting | undefined;

  constructor(
    index: number,
    name: string,
    ranks: readonly number[],
    spec: HostSpec | undefined,
    server: ServerTransport,
  ) {
    this.index = index;
    this.name = name;
    this.ranks = ranks;
    this.spec = spec;
    this.server = server;
    this.peer = `host${index}-${randomBytes(8).toString("hex")}`;
    this.greeted = new Promise((resolve, reject) => {
      this.#greet = resolve;
      this.#notToGreet = reject;
    });
    this.greeted.catch(() => {}); // whoever waits for it hears of it, be it later
  }

  /** True on the driver's own machine. */
  get inside(): boolean {
    return this.spec?.launcher !== "ssh";
  }

  /** The same host, for a new process. */
  successor(): HostEntry {
    return new HostEntry(this.index, this.name, this.ranks, this.spec, this.server);
  }

  /** Who it is, for errors: `ranks 3 and 4 on node9`. */
  get who(): string {
    const all = this.ranks.map(String);
    const last = all.pop();
    return all.length === 0 ? `rank ${last} on ${this.name}` : `ranks ${all.join(", ")} and ${last} on ${this.name}`;
  }

  sawHello(lane: Lane, { pid, nodeVersion }: Greeting): void {
    this.#greeting = { pid, nodeVersion };
    this.#lanesSeen.add(lane);
    if (this.hasGreeted) this.#greet();
  }

  /** Its Hello can't be taken, and there won't be another: changes nothing once it has greeted. */
  refused(error: unknown): void {
    this.#notToGreet(error);
  }

  /** Whether both lanes have said Hello. */
  get hasGreeted(): boolean {
    return lanes.every((each) => this.#lanesSeen.has(each));
  }

  snapshot(): HostSnapshot {
    const { name, ranks, lost, heardMs, usage } = this;
    return {
      name,
      ranks,
      pid: this.#greeting?.pid,
      nodeVersion: this.#greeting?.nodeVersion,
      heardMs,
      ...(usage && { cores: usage.cores, memoryBytes: usage.memoryBytes }),
      ...(lost !== undefined && { lost }),
    };
  }
}
