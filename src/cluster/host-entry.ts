/** A host as the cluster keeps it: its ranks, its process, and whether it lives. */
import type { HostProcess } from "../launch/launcher.ts";
import { type Lane, lanes } from "../transport/transport.ts";

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

  constructor(peer: string, name: string, ranks: readonly number[]) {
    this.peer = peer;
    this.name = name;
    this.ranks = ranks;
    this.greeted = new Promise((resolve) => {
      this.#greet = resolve;
    });
  }

  sawHello(lane: Lane): void {
    this.#lanesSeen.add(lane);
    if (lanes.every((each) => this.#lanesSeen.has(each))) this.#greet();
  }
}
