/**
 * The hosts of a cluster and the star of connections around rank 0: brings them up, sends and receives, notices the lost and
 * takes them in again, ends them. It knows jobs only as whoever listens.
 */
import { join } from "node:path";
import type { InspectionEvent, Observer } from "xstate";
import type { Configuration } from "../config/configuration.ts";
import { RankLostError, TransportError } from "../errors.ts";
import type { World } from "../kernels/define-kernel.ts";
import type { HostProcess } from "../launch/launcher.ts";
import type { Log } from "../log.ts";
import { RouterServer } from "../transport/router-server.ts";
import { type Lane, lanes } from "../transport/transport.ts";
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
import { type BringUpContext, bringUp, bringUpSome, peerSettings } from "./bring-up.ts";
import { hostEntries } from "./host-entries.ts";
import type { HostEntry, HostSnapshot } from "./host-entry.ts";
import { type HostLine, HostLines } from "./host-lines.ts";
import { laneOf, wantsAnswer } from "./lane-of.ts";
import { Launchers } from "./launchers.ts";
import { NetworkDoor } from "./network-door.ts";
import { OwnHost, type OwnPeers } from "./own-host.ts";
import { PeerDirectory } from "./peer-directory.ts";
import { RankTable } from "./rank-table.ts";
import { Rejoining } from "./rejoining.ts";
import { SilenceMonitor } from "./silence-monitor.ts";
import { makeSocketFolder, removeSocketFolder } from "./socket-folder.ts";
import type { JobMessage, JobTraffic, Star, StarListener } from "./star.ts";
import { takeReport } from "./take-report.ts";
import { TrafficCounter } from "./traffic-counter.ts";

/** How long after a connection between two hosts has broken it may turn out that one of them is lost, in ms. */
const partingMs = 2000;
/** How long a host process may take to end by itself, in ms. */
const endDeadlineMs = 2000;

let fleets = 0;

/** What became of a host of which nobody insisted that it comes up. */
export interface Arrival extends Pick<HostEntry, "name" | "ranks" | "spec" | "probe" | "warnings"> {
  /** Why it did not come up; undefined when it did. */
  readonly failure: unknown;
}

export class Fleet implements Star {
  readonly ranks: RankTable;
  readonly world: World;
  readonly #configuration: Configuration;
  readonly #log: Log;
  readonly #listener: () => StarListener | undefined;
  readonly #lines: HostLines;
  readonly #inspect: Observer<InspectionEvent> | undefined;
  readonly #local = new RouterServer(undefined, true);
  readonly #door: NetworkDoor | undefined;
  readonly #folder: string | undefined;
  readonly #traffic: TrafficCounter;
  readonly #directory: PeerDirectory;
  /** Connections between hosts that broke, until it is known whether one of the two is lost. */
  readonly #partings = new Set<NodeJS.Timeout>();
  readonly #monitor: SilenceMonitor<HostEntry>;
  /** By index; a host that comes back replaces its lost entry. */
  readonly #hosts: HostEntry[];
  readonly #byPeer = new Map<string, HostEntry>();
  /** The index of each rank's host. */
  readonly #indexOf: readonly number[];
  readonly #rejoining = new Rejoining({
    bringUp: async (entry, signal) => bringUp([entry], await this.#context(), signal),
    isUp: (entry) => this.#takeIn(entry),
    failed: (entry, error) => this.#giveUp(entry, error),
  });
  readonly #launchers: Launchers;
  #own: OwnHost | undefined;
  /** Whether a lost host is tried again with each job. */
  #rejoins = true;
  #closed = false;
  #resting = false;

  /**
   * @param listener the job that runs, if one does
   * @param output gets each line that a host or a rank has written
   */
  constructor(
    configuration: Configuration,
    log: Log,
    inspect: Observer<InspectionEvent> | undefined,
    listener: () => StarListener | undefined,
    output: (stream: "stdout" | "stderr", line: HostLine) => void,
  ) {
    this.#lines = new HostLines(log, configuration.rankPrefix, output);
    this.#configuration = configuration;
    this.#launchers = new Launchers(configuration);
    this.#log = log;
    this.#inspect = inspect;
    this.#listener = listener;
    const { hosts, hostSilenceMs } = configuration;
    if (hosts.some(({ launcher }) => launcher === "ssh")) this.#door = new NetworkDoor(configuration, hosts.length);
    if (hosts.some(({ launcher }) => launcher === "local")) this.#folder = makeSocketFolder();
    this.#hosts = hostEntries(configuration, this.#local, this.#door);
    for (const entry of this.#hosts) this.#byPeer.set(entry.peer, entry);
    const names = this.#hosts.flatMap(({ name, ranks }) => ranks.map(() => name));
    this.#indexOf = this.#hosts.flatMap(({ index, ranks }) => ranks.map(() => index));
    this.ranks = new RankTable(names);
    this.#traffic = new TrafficCounter(names.length);
    this.world = Object.freeze({ size: names.length, hosts: Object.freeze(names) });
    this.#directory = new PeerDirectory({
      host: (index) => this.#hosts[index]!,
      tell: (index, head) => this.#transmit(this.#hosts[index]!, "control", framesOf(head)),
      log,
    });
    this.#monitor = new SilenceMonitor(hostSilenceMs, (entry) =>
      this.#lose(entry, `nothing was heard of it for ${hostSilenceMs / 1000} s`),
    );
  }

  /** Brings all hosts up. @throws LaunchError; `close` then ends what did come up. */
  async launch(): Promise<void> {
    const [own, ...others] = await this.#open();
    await Promise.all([own.greeted, bringUp(others, await this.#context())]);
  }

  /** Brings up those hosts that can be. The others count as lost for good; their errors are in the list, which has all hosts. */
  async launchSome(): Promise<Arrival[]> {
    this.#rejoins = false;
    const [own, ...others] = await this.#open();
    const [failures] = await Promise.all([bringUpSome(others, await this.#context()), own.greeted]);
    failures.unshift(undefined); // the driver's own host is there
    for (const [i, entry] of this.#hosts.entries()) if (failures[i] !== undefined) this.#leaveOut(entry);
    return this.#hosts.map((entry, i) => {
      const { name, ranks, spec, probe, warnings } = entry;
      return { name, ranks, spec, probe, warnings, failure: failures[i] };
    });
  }

  /** Opens the sockets and starts the driver's own ranks. @returns all hosts, the own one first */
  async #open(): Promise<readonly HostEntry[]> {
    if (this.#configuration.insecure && this.#door) warnOfInsecurity();
    const receive = (peer: string, lane: Lane, frames: readonly Uint8Array[]) => this.#receive(peer, lane, frames);
    this.#local.start(receive);
    this.#door?.server.start(receive);
    const endpoint = await this.#local.listen(`inproc://mpits-${++fleets}`);
    if (this.#folder !== undefined) await this.#local.listen(localEndpoint(this.#folder));
    const own = this.#hosts[0]!;
    this.#own = new OwnHost(
      own,
      this.world.size,
      endpoint,
      this.#configuration,
      this.#log,
      this.#inspect,
      (stream, line) => this.#lines.print(own, stream, line),
      this.#hosts.length > 1 ? this.#ownPeers(own) : undefined,
    );
    return this.#hosts;
  }

  #ownPeers(own: HostEntry): OwnPeers {
    return {
      settings: peerSettings(own, this.#folder, this.#door, this.#configuration),
      // The end of a tunnel is of no use to others.
      ways: () => (this.#door && !this.#configuration.tunnel ? this.#door.ways : { bound: [], seenAs: [] }),
    };
  }

  snapshot(): HostSnapshot[] {
    return this.#hosts.map((entry) => entry.snapshot());
  }

  /** A job begins: counts start anew, and hosts that were lost get another chance. */
  beginJob(): void {
    this.#traffic.reset();
    if (this.#hosts.length > 1)
      this.#monitor.start(() => this.#hosts.slice(1).filter(({ lost }) => lost === undefined));
    for (const entry of this.#hosts)
      if (this.#rejoins && entry.lost !== undefined && !this.#rejoining.isUnderWay(entry.index)) this.#rejoin(entry);
  }

  endJob(): void {
    this.#monitor.stop();
  }

  /** Nothing keeps an idle cluster's program from ending: no receive is pending, no process or thread is referenced. */
  rest(): void {
    if (this.#closed || this.#resting) return;
    this.#resting = true;
    this.#local.rest();
    this.#door?.server.rest();
    this.#own?.rest();
    for (const lane of lanes) this.#transmit(this.#hosts[0], lane, framesOf({ kind: "Rest" }));
    for (const { process: child } of this.#byPeer.values()) child?.unref(); // those that are coming back among them
  }

  resume(): void {
    this.#resting = false;
    this.#local.resume();
    this.#door?.server.resume();
    this.#own?.resume();
  }

  /** Ends all hosts and releases everything. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#monitor.stop();
    for (const timer of this.#partings) clearTimeout(timer);
    this.resume();
    await this.#rejoining.close();
    for (const entry of this.#hosts) entry.ending = true;
    await Promise.all(this.#hosts.map(({ process: child }) => child?.end(endDeadlineMs)));
    await this.#own?.close();
    await Promise.all([this.#local.close(), this.#door?.server.close()]);
    if (this.#folder !== undefined) removeSocketFolder(this.#folder);
  }

  hostOf(rank: number): string | undefined {
    const entry = this.#hosts[this.#indexOf[rank] ?? -1];
    return entry?.lost === undefined ? entry?.peer : undefined;
  }

  liveHosts(): string[] {
    return this.#alive().map(({ peer }) => peer);
  }

  traffic(): JobTraffic {
    return this.#traffic.snapshot();
  }

  send(peer: string, head: ToHost, value?: EncodedValue): number {
    const entry = this.#byPeer.get(peer);
    const frames = framesOf(head, value, entry?.server.longestFrame);
    const bytes = sizeOf(frames);
    if (!entry) return bytes;
    if (value && !entry.expected) this.#transmit(entry, "control", framesOf({ kind: "Attend" }));
    if (wantsAnswer(head)) entry.expected = true;
    this.#traffic.count(entry.name, "sent", bytes);
    this.#transmit(entry, laneOf(head, value !== undefined), frames);
    return bytes;
  }

  owesNothing(peer: string): void {
    const entry = this.#byPeer.get(peer);
    if (entry) entry.expected = false;
  }

  #transmit(entry: HostEntry, lane: Lane, frames: readonly Uint8Array[]): void {
    entry.server
      .send(entry.peer, lane, frames)
      .catch((error) => this.#log.write("debug", { host: entry.name, error: String(error) }, "a message was not sent"));
  }

  #receive(peer: string, lane: Lane, frames: readonly Uint8Array[]): void {
    const entry = this.#byPeer.get(peer);
    if (!entry || entry.lost !== undefined) return;
    this.#monitor.heard(entry);
    entry.heardMs = Date.now();
    try {
      this.#act(entry, lane, messageToDriver(frames));
    } catch (error) {
      this.#refuse(entry, error);
    }
  }

  /** None of ours sends what can't be read: who did is not to be relied on, and what it should have sent would be waited for. */
  #refuse(entry: HostEntry, error: unknown): void {
    if (entry.spec && error instanceof TransportError) this.#lose(entry, error.message.replace(/\.$/, ""));
    else this.#listener()?.fail(error);
  }

  #act(entry: HostEntry, lane: Lane, message: Received<ToDriver>): void {
    const { head } = message;
    if (head.kind === "Hello") return entry.sawHello(lane, head);
    this.#traffic.count(entry.name, "received", message.bytes);
    if (head.kind === "Report") {
      this.#talked(entry, head.talk);
      return takeReport(head, entry, this.ranks, this.#listener());
    }
    switch (head.kind) {
      case "Door":
        return this.#directory.opened(entry.index, head.endpoints);
      case "Seek":
        return this.#directory.sought(entry.index, this.#checkHost(head.to));
      case "Unreachable":
        return this.#directory.unreachable(entry.index, head.to, head.why);
      case "Broken":
        return this.#parted(entry, this.#checkHost(head.to));
      case "Forward":
        return this.#forward(entry, head, message);
    }
    const of = head.kind === "Stopped" ? head.forced : head.kind === "Idle" ? [] : [head.rank];
    const foreign = of.find((rank) => !entry.ranks.includes(rank));
    if (foreign !== undefined) throw new TransportError(`it spoke for rank ${foreign}, which is not its own.`);
    if (head.kind === "Stopped") this.#stopped(entry, head);
    this.#listener()?.message(entry.peer, message as Received<JobMessage>);
  }

  /** The way between hosts that don't reach each other: what one sent for a rank of another goes on as it is. */
  #forward(from: HostEntry, { job, to }: Extract<ToDriver, { kind: "Forward" }>, { value }: Received<ToDriver>): void {
    const dest = this.#hosts[to];
    if (dest && dest.lost === undefined && value) this.send(dest.peer, { kind: "Data", job, from: from.index }, value);
  }

  #checkHost(index: number): number {
    if (this.#hosts[index]) return index;
    throw new TransportError(`it spoke of host ${index}, and there is none.`);
  }

  #stopped(entry: HostEntry, { talk }: Extract<ToDriver, { kind: "Stopped" }>): void {
    entry.expected = false;
    this.#talked(entry, talk);
  }

  #talked(entry: HostEntry, talk: HostTalk | null): void {
    if (talk) this.#traffic.talked(entry, talk, (host) => this.#hosts[this.#checkHost(host)]!.name);
  }

  /** The connection between two hosts broke. Most often because one of them ended, which is noticed soon, and says more. */
  #parted(entry: HostEntry, to: number): void {
    const other = this.#hosts[to]!;
    const timer = setTimeout(() => {
      this.#partings.delete(timer);
      if (entry.lost !== undefined || other.lost !== undefined) return;
      this.#directory.parted(entry.index, to);
      this.#listener()?.parted(new TransportError(`the connection between ${entry.name} and ${other.name} broke.`));
    }, partingMs).unref();
    this.#partings.add(timer);
  }

  #leaveOut(entry: HostEntry): void {
    entry.lost ??= "it did not come up";
    for (const rank of entry.ranks) this.ranks.markLost(rank, entry.lost);
    void entry.process?.end(endDeadlineMs);
  }

  #lose(entry: HostEntry, why: string): void {
    if (entry.lost !== undefined || entry.ending) return;
    const before = this.ranks.snapshot();
    entry.lost = why;
    if (this.#hosts[entry.index] !== entry) return; // it had not come back yet
    for (const rank of entry.ranks) this.ranks.markLost(rank, why);
    this.#directory.gone(
      entry.index,
      this.#alive().map(({ index }) => index),
    );
    void entry.process?.end(endDeadlineMs); // if it lives, it must not come back as a ghost
    const errors = entry.ranks.map((rank) => {
      const { state } = before[rank];
      const text = `rank ${rank} (${entry.name}) was lost while ${state}: ${why}.`;
      return new RankLostError(text, { rank, host: entry.name, state });
    });
    this.#listener()?.hostLost(entry.peer, errors);
    // Last: the first line of a log takes long, and the others wait for the lost parts.
    this.#log.write("error", { ranks: entry.ranks }, `${entry.name} is lost: ${why}`);
  }

  #rejoin(lost: HostEntry): void {
    const entry = lost.successor();
    this.#byPeer.delete(lost.peer);
    this.#byPeer.set(entry.peer, entry);
    this.#rejoining.start(entry);
  }

  #takeIn(entry: HostEntry): void {
    if (entry.lost !== undefined) return void this.#giveUp(entry, entry.lost);
    this.#hosts[entry.index] = entry;
    for (const rank of entry.ranks) this.ranks.markBack(rank);
    this.#log.write("info", { ranks: entry.ranks }, `${entry.name} is back`);
    this.#listener()?.hostBack(entry.ranks);
  }

  async #giveUp(entry: HostEntry, error: unknown): Promise<void> {
    this.#byPeer.delete(entry.peer);
    entry.ending = true;
    await entry.process?.end(endDeadlineMs);
    if (this.#closed) return;
    this.#log.write("warn", { error: String(error) }, `${entry.name} did not come back`);
    const text = `${entry.who} was lost before the job began, and did not come back: ${String(error)}`;
    this.#listener()?.parted(new RankLostError(text, { rank: entry.ranks[0]!, host: entry.name, state: "idle" }));
  }

  async #context(): Promise<BringUpContext> {
    return {
      configuration: this.#configuration,
      size: this.world.size,
      localEndpoint: localEndpoint(this.#folder),
      folder: this.#folder,
      door: this.#door,
      launcherOf: await this.#launchers.ready(),
      callbacks: (entry) => ({ output: this.#lines.of(entry) }),
      started: (entry, hostProcess) => this.#watch(entry, hostProcess),
      isListening: () => !this.#resting,
    };
  }

  #watch(entry: HostEntry, hostProcess: HostProcess): void {
    entry.process = hostProcess;
    if (this.#resting) hostProcess.unref();
    void hostProcess.exited.then(({ code, signal, connectionLost }) => {
      if (!entry.hasGreeted) return; // whoever waits for it says so
      const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      this.#lose(entry, connectionLost ?? `its process ${how}`);
    });
  }

  #alive(): HostEntry[] {
    return this.#hosts.filter(({ lost }) => lost === undefined);
  }
}

/** Where host processes of this machine connect to. */
function localEndpoint(folder: string | undefined): string {
  return `ipc://${join(folder ?? "", "rank0")}`;
}

/** Not by our own log: `logLevel: silent` must not hide it. Who doesn't want to read it tells Node so (NODE_NO_WARNINGS=1). */
function warnOfInsecurity(): void {
  process.emitWarning(
    "insecure: true. Data, results and code of your jobs cross the network in the clear, and whoever reaches the driver's port may take part.",
    { type: "MpitsSecurityWarning", code: "MPITS_INSECURE" },
  );
}
