/**
 * The hosts of a cluster: brings them up, notices the lost and takes them in again, lets them rest, ends them. What goes to them and
 * comes of them in between is the star's matter (host-star.ts).
 */
import { join } from "node:path";
import type { InspectionEvent, Observer } from "xstate";
import type { Configuration } from "../config/configuration.ts";
import { RankLostError } from "../errors.ts";
import type { HostProcess } from "../launch/launcher.ts";
import type { Log } from "../log.ts";
import { RouterServer } from "../transport/router-server.ts";
import { type Lane, lanes } from "../transport/transport.ts";
import { type BringUpContext, bringUp, bringUpSome, peerSettings } from "./bring-up.ts";
import { hostEntries } from "./host-entries.ts";
import type { HostEntry, HostSnapshot } from "./host-entry.ts";
import { type HostLine, HostLines } from "./host-lines.ts";
import { HostRoster } from "./host-roster.ts";
import { HostStar } from "./host-star.ts";
import { Launchers } from "./launchers.ts";
import { NetworkDoor } from "./network-door.ts";
import { OwnHost, type OwnPeers } from "./own-host.ts";
import { Rejoining } from "./rejoining.ts";
import { SilenceMonitor } from "./silence-monitor.ts";
import { makeSocketFolder, removeSocketFolder } from "./socket-folder.ts";
import type { StarListener } from "./star.ts";

/** How long a host process may take to end by itself, in ms. */
const endDeadlineMs = 2000;

let fleets = 0;

/** What became of a host of which nobody insisted that it comes up. */
export interface Arrival extends Pick<HostEntry, "name" | "ranks" | "spec" | "probe" | "warnings"> {
  /** Why it did not come up; undefined when it did. */
  readonly failure: unknown;
}

export class Fleet {
  /** The way to all hosts. */
  readonly star: HostStar;
  readonly #configuration: Configuration;
  readonly #log: Log;
  readonly #listener: () => StarListener | undefined;
  readonly #lines: HostLines;
  readonly #inspect: Observer<InspectionEvent> | undefined;
  readonly #local = new RouterServer(undefined, true);
  readonly #door: NetworkDoor | undefined;
  readonly #folder: string | undefined;
  readonly #monitor: SilenceMonitor<HostEntry>;
  readonly #roster: HostRoster;
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
    this.#roster = new HostRoster(hostEntries(configuration, this.#local, this.#door));
    this.star = new HostStar(this.#roster, {
      listener,
      heard: (entry) => this.#monitor.heard(entry),
      lose: (entry, why) => this.#lose(entry, why),
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
    for (const [i, entry] of this.#roster.all.entries()) if (failures[i] !== undefined) this.#leaveOut(entry);
    return this.#roster.all.map((entry, i) => {
      const { name, ranks, spec, probe, warnings } = entry;
      return { name, ranks, spec, probe, warnings, failure: failures[i] };
    });
  }

  /** Opens the sockets and starts the driver's own ranks. @returns all hosts, the own one first */
  async #open(): Promise<readonly HostEntry[]> {
    if (this.#configuration.insecure && this.#door) warnOfInsecurity();
    const receive = (peer: string, lane: Lane, frames: readonly Uint8Array[]) => this.star.receive(peer, lane, frames);
    this.#local.start(receive);
    this.#door?.server.start(receive);
    const endpoint = await this.#local.listen(`inproc://mpits-${++fleets}`);
    if (this.#folder !== undefined) await this.#local.listen(localEndpoint(this.#folder));
    const { own, all } = this.#roster;
    this.#own = new OwnHost(
      own,
      this.star.world.size,
      endpoint,
      this.#configuration,
      this.#log,
      this.#inspect,
      (stream, line) => this.#lines.print(own, stream, line),
      all.length > 1 ? this.#ownPeers(own) : undefined,
    );
    return all;
  }

  #ownPeers(own: HostEntry): OwnPeers {
    return {
      settings: peerSettings(own, this.#folder, this.#door, this.#configuration),
      // The end of a tunnel is of no use to others.
      ways: () => (this.#door && !this.#configuration.tunnel ? this.#door.ways : { bound: [], seenAs: [] }),
    };
  }

  snapshot(): HostSnapshot[] {
    return this.#roster.all.map((entry) => entry.snapshot());
  }

  /** A job begins: counts start anew, and hosts that were lost get another chance. */
  beginJob(): void {
    this.star.beginJob();
    const [, ...others] = this.#roster.all;
    if (others.length > 0) this.#monitor.start(() => this.#roster.alive.filter(({ index }) => index > 0));
    for (const entry of others)
      if (this.#rejoins && entry.lost !== undefined && !this.#rejoining.isUnderWay(entry.index))
        this.#rejoining.start(this.#roster.succeed(entry));
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
    for (const lane of lanes) this.star.tell(this.#roster.own, lane, { kind: "Rest" });
    for (const { process: child } of this.#roster.reachable) child?.unref();
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
    this.star.close();
    this.resume();
    await this.#rejoining.close();
    for (const entry of this.#roster.all) entry.ending = true;
    await Promise.all(this.#roster.all.map(({ process: child }) => child?.end(endDeadlineMs)));
    await this.#own?.close();
    await Promise.all([this.#local.close(), this.#door?.server.close()]);
    if (this.#folder !== undefined) removeSocketFolder(this.#folder);
  }

  #leaveOut(entry: HostEntry): void {
    entry.lost ??= "it did not come up";
    this.star.leaveOut(entry, entry.lost);
    void entry.process?.end(endDeadlineMs);
  }

  #lose(entry: HostEntry, why: string): void {
    if (entry.lost !== undefined || entry.ending) return;
    entry.lost = why;
    if (!this.#roster.holdsItsPlace(entry)) return; // it had not come back yet
    entry.server.forget(entry.peer);
    void entry.process?.end(endDeadlineMs); // if it lives, it must not come back as a ghost
    this.star.left(entry, why);
    // Last: the first line of a log takes long, and the others wait for the lost parts.
    this.#log.write("error", { ranks: entry.ranks }, `${entry.name} is lost: ${why}`);
  }

  #takeIn(entry: HostEntry): void {
    if (entry.lost !== undefined) return void this.#giveUp(entry, entry.lost);
    this.#roster.place(entry);
    this.#log.write("info", { ranks: entry.ranks }, `${entry.name} is back`);
    this.star.isBack(entry);
  }

  async #giveUp(entry: HostEntry, error: unknown): Promise<void> {
    this.#roster.drop(entry);
    entry.server.forget(entry.peer);
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
      size: this.star.world.size,
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
