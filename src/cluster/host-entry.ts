/** A host as the cluster keeps it: its ranks, its process, and whether it lives. */
import type { HostProcess } from "../launch/launcher.ts";
import { type Lane, lanes } from "../transport/transport.ts";

/** A host of a cluster, the driver's own first. */
export interface HostSnapshot {
  readonly name: string;
  readonly ranks: readonly number[];
  /** The process that its ranks live in. */
  readonly pid: number | undefined;
  readonly nodeVersion: string | undefined;
  /** Why it is lost; absent while it lives. */
  readonly lost?: string;
}

export class HostEntry {
  readonly peer: string;
  readonly name: string;
  readonly ranks: readonly number[];
  process: HostProcess | undefined;
  /** Why it is lost; undefined while it lives. */
  lost: string | undefined;
  /** True when we ended it ourselves. */
  ending = false;
  /** Resolves when both lanes have said Hello. */
  readonly greeted: Promise<void>;
  readonly #lanesSeen = new Set<Lane>();
  #greet!: () => void;
  #greeting: { readonly pid: number; readonly nodeVersion: string } | undefined;

  constructor(peer: string, name: string, ranks: readonly number[]) {
    this.peer = peer;
    this.name = name;
    this.ranks = ranks;
    this.greeted = new Promise((resolve) => {
      this.#greet = resolve;
    });
  }

  sawHello(lane: Lane, greeting: { readonly pid: number; readonly nodeVersion: string }): void {
    this.#greeting = greeting;
    this.#lanesSeen.add(lane);
    if (lanes.every((each) => this.#lanesSeen.has(each))) this.#greet();
  }

  snapshot(): HostSnapshot {
    const { name, ranks, lost } = this;
    return {
      name,
      ranks,
      pid: this.#greeting?.pid,
      nodeVersion: this.#greeting?.nodeVersion,
      ...(lost !== undefined && { lost }),
    };
  }
}
