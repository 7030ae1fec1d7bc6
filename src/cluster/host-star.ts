/**
 * The star of connections around rank 0 while it runs: what goes to hosts and what comes of them, the table of their ranks, and who
 * talks to whom directly. It knows jobs only as whoever listens, and does not start or end hosts.
 */
import { RankLostError, TransportError } from "../errors.ts";
import { fairTimeout } from "../fair-timeout.ts";
import type { World } from "../kernels/define-kernel.ts";
import type { Log } from "../log.ts";
import { releaseCopied } from "../received-memory.ts";
import type { Lane } from "../transport/transport.ts";
import {
  framesOf,
  type HostTalk,
  messageToDriver,
  type Received,
  sizeOf,
  type ToDriver,
  type ToHost,
} from "../wire/messages.ts";
import type { EncodedValue } from "../wire/value-codec.ts";
import type { HostEntry } from "./host-entry.ts";
import type { HostRoster } from "./host-roster.ts";
import { laneOf, wantsAnswer } from "./lane-of.ts";
import { PeerDirectory } from "./peer-directory.ts";
import { RankTable } from "./rank-table.ts";
import type { JobMessage, JobTraffic, Star, StarListener } from "./star.ts";
import { takeReport } from "./take-report.ts";
import { TrafficCounter } from "./traffic-counter.ts";

/** How long after a connection between two hosts has broken it may turn out that one of them is lost, in ms. */
const partingMs = 2000;

/** Up to this many bytes reach a host of the same machine at once, and need no announcement. */
const quickBytes = 1 << 20;

/** What the star asks of its cluster. */
export interface StarSurroundings {
  /** The job that runs, if one does. */
  listener(): StarListener | undefined;
  /** The host lives. */
  heard(host: HostEntry): void;
  /** The host is not to be relied on any more. */
  lose(host: HostEntry, why: string): void;
  readonly log: Log;
}

export class HostStar implements Star {
  readonly ranks: RankTable;
  readonly world: World;
  readonly #roster: HostRoster;
  readonly #around: StarSurroundings;
  readonly #traffic: TrafficCounter;
  readonly #directory: PeerDirectory;
  /** Connections between hosts that broke, until it is known whether one of the two is lost. */
  readonly #partings = new Set<() => void>();

  constructor(roster: HostRoster, around: StarSurroundings) {
    this.#roster = roster;
    this.#around = around;
    const names = roster.namesByRank;
    this.ranks = new RankTable(names);
    this.world = Object.freeze({ size: names.length, hosts: Object.freeze(names) });
    this.#traffic = new TrafficCounter(names.length);
    this.#directory = new PeerDirectory({
      host: (index) => roster.at(index)!,
      tell: (index, head) => this.tell(roster.at(index)!, "control", head),
      log: around.log,
    });
  }

  hostOf(rank: number): string | undefined {
    const entry = this.#roster.ofRank(rank);
    return entry?.lost === undefined ? entry?.peer : undefined;
  }

  liveHosts(): string[] {
    return this.#roster.alive.map(({ peer }) => peer);
  }

  traffic(): JobTraffic {
    return this.#traffic.snapshot();
  }

  send(peer: string, head: ToHost, value?: EncodedValue): number {
    const entry = this.#roster.ofPeer(peer);
    const frames = framesOf(head, value, entry?.server.longestFrame);
    const bytes = sizeOf(frames);
    if (!entry) return bytes;
    if (value && !entry.expected && (!entry.inside || bytes > quickBytes))
      this.tell(entry, "control", { kind: "Attend" });
    if (wantsAnswer(head)) entry.expected = true;
    this.#traffic.count(entry.name, "sent", bytes);
    this.#transmit(entry, laneOf(head, value !== undefined), frames);
    return bytes;
  }

  owesNothing(peer: string): void {
    const entry = this.#roster.ofPeer(peer);
    if (entry) entry.expected = false;
  }

  attend(peer: string): void {
    const entry = this.#roster.ofPeer(peer);
    if (entry) this.tell(entry, "control", { kind: "Attend" });
  }

  /** Something that is no job's and does not count. */
  tell(entry: HostEntry, lane: Lane, head: ToHost): void {
    this.#transmit(entry, lane, framesOf(head));
  }

  /** Counts start anew. */
  beginJob(): void {
    this.#traffic.reset();
  }

  receive(peer: string, lane: Lane, frames: readonly Uint8Array[]): void {
    const entry = this.#roster.ofPeer(peer);
    if (!entry || entry.lost !== undefined) return;
    entry.heardMs = Date.now();
    this.#around.heard(entry);
    try {
      const message = messageToDriver(frames);
      releaseCopied(frames, message.value ? [message.value.head, ...message.value.raws] : []);
      this.#act(entry, lane, message);
    } catch (error) {
      this.#refuse(entry, error);
    }
  }

  /** The host was never there: its ranks are lost, and nobody is told. */
  leaveOut({ ranks }: HostEntry, why: string): void {
    for (const rank of ranks) this.ranks.markLost(rank, why);
  }

  /** The host is gone: its ranks are lost, the other hosts and the job are told. */
  left(entry: HostEntry, why: string): void {
    const before = this.ranks.snapshot();
    this.leaveOut(entry, why);
    this.#directory.gone(
      entry.index,
      this.#roster.alive.map(({ index }) => index),
    );
    const errors = entry.ranks.map((rank) => {
      const { state } = before[rank];
      const text = `rank ${rank} (${entry.name}) was lost while ${state}: ${why}.`;
      return new RankLostError(text, { rank, host: entry.name, state });
    });
    this.#around.listener()?.hostLost(entry.peer, errors);
  }

  /** Its ranks can be given work again. */
  isBack({ ranks }: HostEntry): void {
    for (const rank of ranks) this.ranks.markBack(rank);
    this.#around.listener()?.hostBack(ranks);
  }

  close(): void {
    for (const forget of this.#partings) forget();
  }

  #transmit(entry: HostEntry, lane: Lane, frames: readonly Uint8Array[]): void {
    entry.server
      .send(entry.peer, lane, frames)
      .catch((error) =>
        this.#around.log.write("debug", { host: entry.name, error: String(error) }, "a message was not sent"),
      );
  }

  /** None of ours sends what can't be read: who did is not to be relied on, and what it should have sent would be waited for. */
  #refuse(entry: HostEntry, error: unknown): void {
    if (!(error instanceof TransportError)) return this.#around.listener()?.fail(error);
    if (entry.spec) {
      entry.refused(error); // first: whoever waits for its Hello must not take the end of its process for the reason
      return this.#around.lose(entry, error.message.replace(/\.$/, ""));
    }
    this.#refuseOwn(entry, error);
  }

  /** The driver's own host can't be lost: whoever waits for it must hear of it otherwise. */
  #refuseOwn(entry: HostEntry, cause: TransportError): void {
    const text = `what the driver's own host (${entry.name}) said could not be taken: ${cause.message}`;
    const error = new TransportError(text, { cause });
    this.#around.log.write("error", { ranks: entry.ranks }, text);
    entry.refused(error);
    this.#around.listener()?.hostRefused(entry.peer, error);
  }

  #act(entry: HostEntry, lane: Lane, message: Received<ToDriver>): void {
    const { head } = message;
    if (head.kind === "Hello") return entry.sawHello(lane, head);
    this.#traffic.count(entry.name, "received", message.bytes);
    if (head.kind === "Report") {
      this.#talked(entry, head.talk);
      return takeReport(head, entry, this.ranks, this.#around.listener());
    }
    switch (head.kind) {
      case "Door":
        return this.#directory.opened(entry.index, head.endpoints);
      case "Seek":
        return this.#directory.sought(entry.index, this.#known(head.to).index);
      case "Unreachable":
        return this.#directory.unreachable(entry.index, head.to, head.why);
      case "Broken":
        return this.#parted(entry, this.#known(head.to));
      case "Forward":
        return this.#forward(entry, head, message);
    }
    const of = head.kind === "Stopped" ? head.forced : head.kind === "Idle" ? [] : [head.rank];
    const foreign = of.find((rank) => !entry.ranks.includes(rank));
    if (foreign !== undefined) throw new TransportError(`it spoke for rank ${foreign}, which is not its own.`);
    if (head.kind === "Stopped") this.#stopped(entry, head);
    this.#around.listener()?.message(entry.peer, message as Received<JobMessage>);
  }

  /** The way between hosts that don't reach each other: what one sent for a rank of another goes on as it is. */
  #forward(from: HostEntry, { job, to }: Extract<ToDriver, { kind: "Forward" }>, { value }: Received<ToDriver>): void {
    const dest = this.#roster.at(to);
    if (dest && dest.lost === undefined && value) this.send(dest.peer, { kind: "Data", job, from: from.index }, value);
  }

  #known(index: number): HostEntry {
    const entry = this.#roster.at(index);
    if (entry) return entry;
    throw new TransportError(`it spoke of host ${index}, and there is none.`);
  }

  #stopped(entry: HostEntry, { talk }: Extract<ToDriver, { kind: "Stopped" }>): void {
    entry.expected = false;
    this.#talked(entry, talk);
  }

  #talked(entry: HostEntry, talk: HostTalk | null): void {
    if (talk) this.#traffic.talked(entry, talk, (index) => this.#known(index).name);
  }

  /** The connection between two hosts broke. Most often because one of them ended, which is noticed soon, and says more. */
  #parted(entry: HostEntry, other: HostEntry): void {
    const decide = (): void => {
      this.#partings.delete(forget);
      if (entry.lost !== undefined || other.lost !== undefined) return;
      this.#directory.parted(entry.index, other.index);
      this.#around
        .listener()
        ?.parted(new TransportError(`the connection between ${entry.name} and ${other.name} broke.`));
    };
    const forget = fairTimeout(decide, partingMs, { keepsAlive: false });
    this.#partings.add(forget);
  }
}
