/**
 * Who is in the cluster: one entry for each host, by its number, by its ranks, and by the name of its process. A host that comes
 * back gets a new process, which is known by its name at once and takes the host's place only when it is up.
 */
import type { HostEntry } from "./host-entry.ts";

export class HostRoster {
  /** By number; the driver's own is 0. */
  readonly #hosts: HostEntry[];
  readonly #byPeer: Map<string, HostEntry>;
  /** The number of each rank's host. */
  readonly #indexOf: readonly number[];

  /** @param hosts all, by number */
  constructor(hosts: readonly HostEntry[]) {
    this.#hosts = [...hosts];
    this.#byPeer = new Map(hosts.map((entry) => [entry.peer, entry]));
    this.#indexOf = hosts.flatMap(({ index, ranks }) => ranks.map(() => index));
  }

  /** All, by number, the lost ones among them. */
  get all(): readonly HostEntry[] {
    return this.#hosts;
  }

  get alive(): HostEntry[] {
    return this.#hosts.filter(({ lost }) => lost === undefined);
  }

  get own(): HostEntry {
    return this.#hosts[0]!;
  }

  /** The host's name, for each rank. */
  get namesByRank(): string[] {
    return this.#indexOf.map((index) => this.#hosts[index]!.name);
  }

  /** What has a process, or may still get one: those that are coming back, and not the lost ones whose place they will take. */
  get reachable(): HostEntry[] {
    return [...this.#byPeer.values()];
  }

  at(index: number): HostEntry | undefined {
    return this.#hosts[index];
  }

  ofRank(rank: number): HostEntry | undefined {
    return this.#hosts[this.#indexOf[rank] ?? -1];
  }

  /** Undefined for a process that another has replaced. */
  ofPeer(peer: string): HostEntry | undefined {
    return this.#byPeer.get(peer);
  }

  /** False for one that has not come back yet, or that never did. */
  holdsItsPlace(entry: HostEntry): boolean {
    return this.#hosts[entry.index] === entry;
  }

  /** An entry for the next process of a host that is lost. What the last one may still send is nobody's. */
  succeed(lost: HostEntry): HostEntry {
    const entry = lost.successor();
    this.#byPeer.delete(lost.peer);
    this.#byPeer.set(entry.peer, entry);
    return entry;
  }

  /** It is up, and the host's process from now on. */
  place(entry: HostEntry): void {
    this.#hosts[entry.index] = entry;
  }

  /** It did not come up. */
  drop(entry: HostEntry): void {
    this.#byPeer.delete(entry.peer);
  }
}
