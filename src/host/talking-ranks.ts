/**
 * The ranks of this host that talk to each other while they compute, and to those of other hosts: the memory between them, the way
 * out, their windows, and what is told of it. One job at a time has such ranks; what comes for a later one waits until it begins
 * here, what comes for one that is over is dropped.
 */
import { createFabric, type FabricMap } from "../comm/device/fabric.ts";
import type { WindowMessage } from "../thread/thread-protocol.ts";
import type { Frames, Lane } from "../transport/transport.ts";
import type { HostTalk, ToDriver } from "../wire/messages.ts";
import { fromRuns } from "../wire/runs.ts";
import { type EncodedValue, encodeValue } from "../wire/value-codec.ts";
import { jobOf } from "./batch.ts";
import { Gateway } from "./gateway.ts";
import type { PeerSettings, Ways } from "./peers/peer-door.ts";
import { PeerLinks } from "./peers/peer-links.ts";
import { TalkCounts } from "./talk-counts.ts";
import { WindowDesk } from "./window-desk.ts";

/** What they need of their host. */
export interface TalkSurroundings {
  /** True when nothing of this job may begin here any more. */
  isOver(job: number): boolean;
  /** To the driver. */
  send(lane: Lane, head: ToDriver, value?: EncodedValue): void;
  /** Where hosts of other machines can come in. */
  ways(): Ways;
  warn(message: string, details: object): void;
}

/** What the job has here whose ranks talk. */
interface Talk {
  readonly job: number;
  readonly map: FabricMap;
  readonly gateway: Gateway;
  readonly counts: TalkCounts;
  /** Since the first window. */
  windows?: WindowDesk;
}

/** The head of a value that is nothing but its raw bytes. */
const noValue = encodeValue(null).head;

export class TalkingRanks {
  /** The ways to other hosts; undefined when there are none. */
  readonly links: PeerLinks | undefined;
  readonly #ranks: readonly number[];
  readonly #size: number;
  readonly #around: TalkSurroundings;
  #talk: Talk | undefined;
  /** What other hosts' ranks sent before their job began here. Bounded by their credit. */
  #early: { readonly job: number; readonly from: number; readonly frames: Frames }[] = [];

  /**
   * @param ranks those of this host
   * @param size ranks of the cluster
   * @param peers how this host talks to others, if there are any
   */
  constructor(ranks: readonly number[], size: number, peers: PeerSettings | undefined, around: TalkSurroundings) {
    this.#ranks = ranks;
    this.#size = size;
    this.#around = around;
    if (peers) this.links = this.#makeLinks(peers);
  }

  /**
   * The memory through which the ranks of this job talk here, made with the first of them.
   * @param together the number of each rank's host, in runs
   */
  fabricOf(job: number, together: readonly number[]): FabricMap {
    if (this.#talk?.job === job) return this.#talk.map;
    this.#close();
    this.links?.open();
    this.links?.watch(true);
    const map = fabricFor(this.#ranks, fromRuns(together, this.#size));
    const gateway = new Gateway(job, map, (host, frames) => this.links?.send(host, frames));
    const counts = new TalkCounts(map, gateway, (host) => this.links?.isRelayed(host) ?? false);
    this.#talk = { job, map, gateway, counts };
    for (const { from, frames } of this.#early.splice(0)) this.cameFrom(from, frames);
    return map;
  }

  /** From the ranks of another host. Its job may not have begun here: nothing orders the ways of the driver and of other hosts. */
  cameFrom(from: number, frames: Frames): void {
    try {
      const job = jobOf(frames);
      if (this.#around.isOver(job)) return;
      if (job === this.#talk?.job) this.#talk.gateway.deliver(from, frames);
      else this.#early.push({ job, from, frames });
    } catch (error) {
      this.#around.warn("what another host sent was dropped", { from, error: String(error) });
      this.#around.send("control", { kind: "Broken", to: from }); // something is missing now
    }
  }

  windowChanged(message: WindowMessage): void {
    const talk = this.#talk;
    if (!talk) return;
    talk.windows ??= new WindowDesk(talk.map, this.#size, (text, details) => this.#around.warn(text, details));
    if (message.kind === "Expose") talk.windows.expose(message.exposure, message.reply);
    else talk.windows.withdraw(message.window);
  }

  /** What was sent since this was last asked; null when that is nothing. */
  news(): HostTalk | null {
    return this.#talk?.counts.news() ?? null;
  }

  /** The last word of a job; null for one whose ranks don't talk. */
  allOf(job: number): HostTalk | null {
    return this.#talk?.job === job ? this.#talk.counts.all() : null;
  }

  /** The job is over, and all before it. */
  end(job: number): void {
    this.#close();
    this.links?.watch(false);
    this.#early = this.#early.filter((each) => each.job > job);
  }

  async close(): Promise<void> {
    this.#close();
    await this.links?.close();
  }

  #close(): void {
    this.#talk?.gateway.close();
    this.#talk?.windows?.close();
    this.#talk = undefined;
  }

  #makeLinks(settings: PeerSettings): PeerLinks {
    return new PeerLinks(settings, {
      tell: (head) => this.#around.send("control", head),
      received: (from, frames) => this.cameFrom(from, frames),
      forward: (to, frames) => this.#forward(to, frames),
      ways: () => this.#around.ways(),
      warn: (message, details) => this.#around.warn(message, details),
    });
  }

  #forward(to: number, frames: Frames): void {
    const value = { head: noValue, raws: [...frames] };
    this.#around.send("data", { kind: "Forward", job: jobOf(frames), to }, value);
  }
}

/** With hosts to talk to, each has one more rank, beyond those of the job: the server of its windows. */
function fabricFor(ranks: readonly number[], hosts: readonly number[]): FabricMap {
  const size = hosts.length;
  const count = new Set(hosts).size;
  if (count === 1) return createFabric(size, ranks, hosts);
  return createFabric(size + count, [...ranks, size + hosts[ranks[0]!]!], [...hosts, ...Array(count).keys()], count);
}
