/**
 * A running cluster: its hosts, the star of connections around rank 0, and the job lock. This is the composition root: it
 * knows the transport, the launchers and the jobs, and they do not know each other.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InspectionEvent, Observer } from "xstate";
import { type Configuration, threadsPerRank } from "../config/configuration.ts";
import type { HostSpec } from "../config/host-spec.ts";
import { JobStateError, LaunchError, RankLostError, UsageError } from "../errors.ts";
import { Host } from "../host/host.ts";
import type { Kernel, World } from "../kernels/define-kernel.ts";
import type { HostProcess } from "../launch/launcher.ts";
import { localLauncher } from "../launch/local-launcher.ts";
import { Log } from "../log.ts";
import { followJob } from "../terminal/follow-job.ts";
import { cancelOnInterrupt } from "../terminal/interrupt.ts";
import { writeLine } from "../terminal/output.ts";
import { DealerClient } from "../transport/dealer-client.ts";
import { RouterServer } from "../transport/router-server.ts";
import { type Lane, lanes } from "../transport/transport.ts";
import { framesOf, messageToDriver, type Received, sizeOf, type ToDriver, type ToHost } from "../wire/messages.ts";
import type { EncodedValue } from "../wire/value-codec.ts";
import { HostEntry, type HostSnapshot } from "./host-entry.ts";
import { Job } from "./job.ts";
import { parseJobOptions, type SpawnOptions } from "./job-options.ts";
import { type RankSnapshot, RankTable } from "./rank-table.ts";
import type { JobMessage, JobTraffic, Star } from "./star.ts";
import { TrafficCounter } from "./traffic-counter.ts";

/** What only the program itself can hand over. */
export interface ClusterHooks {
  /** Gets every inspection event of the cluster's actors, as XState's `createActor({ inspect })`. */
  readonly inspect?: Observer<InspectionEvent> | undefined;
}

export interface ClusterSnapshot {
  readonly size: number;
  readonly closed: boolean;
  /** The job that holds the cluster. */
  readonly running: string | undefined;
  readonly queued: readonly string[];
  readonly hosts: readonly HostSnapshot[];
  readonly ranks: readonly RankSnapshot[];
}

/** How long a host process may take to end by itself, in ms. */
const endDeadlineMs = 2000;

let clusters = 0;

export class Cluster implements Star {
  readonly configuration: Configuration;
  readonly ranks: RankTable;
  readonly world: World;
  readonly #hooks: ClusterHooks;
  readonly #log: Log;
  readonly #server = new RouterServer();
  readonly #hosts = new Map<string, HostEntry>();
  readonly #traffic = new TrafficCounter();
  readonly #version = packageVersion();
  #ownHost: Host | undefined;
  #ownClient: DealerClient | undefined;
  #folder: string | undefined;
  #running: Job | undefined;
  readonly #queue: Job[] = [];
  #jobs = 0;
  #closing: Promise<void> | undefined;

  private constructor(configuration: Configuration, hooks: ClusterHooks) {
    this.configuration = configuration;
    this.#hooks = hooks;
    this.#log = Log.ofDriver(configuration.logLevel, (line) => writeLine("stderr", line));
    for (const entry of hostEntries(configuration)) this.#hosts.set(entry.peer, entry);
    const hosts = [...this.#hosts.values()].flatMap(({ name, ranks }) => ranks.map(() => name));
    this.ranks = new RankTable(hosts);
    this.world = Object.freeze({ size: hosts.length, hosts: Object.freeze(hosts) });
  }

  /** Starts all hosts. When one does not come up, the others are ended before the error is thrown. */
  static async launch(configuration: Configuration, hooks: ClusterHooks): Promise<Cluster> {
    const cluster = new Cluster(configuration, hooks);
    try {
      await cluster.#launch();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Number of ranks. */
  get size(): number {
    return this.world.size;
  }

  getSnapshot(): ClusterSnapshot {
    return {
      size: this.size,
      closed: this.#closing !== undefined,
      running: this.#running?.id,
      queued: this.#queue.map(({ id }) => id),
      hosts: [...this.#hosts.values()].map((entry) => entry.snapshot()),
      ranks: this.ranks.snapshot(),
    };
  }

  /** The job that holds the cluster. */
  get runningJob(): Job | undefined {
    return this.#running;
  }

  /**
   * Starts a job of this kernel and returns at once; `job.result` is its promise.
   *
   * @throws UsageError when the input or an option can't be used, JobStateError when another job runs (without `queue: true`) or the cluster is closed.
   */
  spawn<Input, Part, Partial, Result>(
    kernel: Kernel<Input, Part, Partial, Result>,
    input: Input,
    options?: SpawnOptions,
  ): Job<Result> {
    if (typeof kernel?.compute !== "function" || typeof kernel.module !== "string")
      throw new UsageError("spawn's first argument must be a kernel made by defineKernel.");
    const jobOptions = parseJobOptions(options, this.configuration);
    if (this.#closing) throw new JobStateError("the cluster is closed; launch a new one.");
    if (this.#running && !jobOptions.queue)
      throw new JobStateError(
        `the cluster runs ${this.#running.id}; one job at a time. Wait for its result, cancel it, or pass { queue: true }.`,
      );
    const prepared = kernel.prepare ? kernel.prepare(input) : input;
    const job = new Job<Result>(++this.#jobs, kernel as unknown as Kernel<unknown>, prepared, jobOptions, this, {
      settled: () => this.#settled(job),
      inspect: this.#hooks.inspect,
    });
    this.#queue.push(job);
    this.#startNext();
    return job;
  }

  /** Cancels what runs and what waits, ends all hosts, and releases everything. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  hostOf(rank: number): string | undefined {
    return this.#entriesAlive().find(({ ranks }) => ranks.includes(rank))?.peer;
  }

  liveHosts(): string[] {
    return this.#entriesAlive().map(({ peer }) => peer);
  }

  traffic(): JobTraffic {
    return this.#traffic.snapshot();
  }

  send(peer: string, head: ToHost, value?: EncodedValue): number {
    const frames = framesOf(head, value);
    const bytes = sizeOf(frames);
    const lane: Lane = value ? "data" : "control";
    const name = this.#hosts.get(peer)?.name;
    if (name !== undefined) this.#traffic.count(name, "sent", bytes);
    this.#server
      .send(peer, lane, frames)
      .catch((error) => this.#log.write("debug", { peer, error: String(error) }, "a message was not sent"));
    return bytes;
  }

  async #launch(): Promise<void> {
    this.#server.start((peer, lane, frames) => this.#receive(peer, lane, frames));
    const [own, ...others] = [...this.#hosts.values()];
    await this.#startOwnHost(own!);
    if (others.length > 0) await this.#startOthers(others);
    await own!.greeted;
    this.#rest();
  }

  async #startOwnHost(entry: HostEntry): Promise<void> {
    const endpoint = await this.#server.listen(`inproc://mpits-${process.pid}-${++clusters}`);
    const client = new DealerClient(entry.peer);
    client.connect(endpoint);
    const { configuration } = this;
    this.#ownClient = client;
    this.#ownHost = new Host(
      {
        peer: entry.peer,
        host: entry.name,
        ranks: entry.ranks,
        size: this.size,
        threads: threadsPerRank(configuration.perNodeThreads, entry.ranks.length),
        rankMemoryMb: configuration.rankMemoryMb,
        rankPrefix: configuration.rankPrefix,
        version: this.#version,
        inspect: this.#hooks.inspect,
      },
      client,
      {
        shutdown: () => {},
        write: writeLine,
        warn: (message, details) => this.#log.write("warn", details, message),
      },
    );
    this.#ownHost.start();
  }

  async #startOthers(entries: readonly HostEntry[]): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), "mpits-"));
    const endpoint = await this.#server.listen(`ipc://${join(this.#folder, "rank0")}`);
    const started = await Promise.allSettled(
      entries.map((entry, i) => this.#startOther(entry, this.configuration.hosts[i]!, endpoint)),
    );
    const failure = started.find((outcome) => outcome.status === "rejected");
    if (failure) throw failure.reason;
  }

  async #startOther(entry: HostEntry, spec: HostSpec, endpoint: string): Promise<void> {
    const { configuration } = this;
    if (spec.launcher === "ssh")
      throw new LaunchError(
        `could not start ${spec.name}: only hosts on this machine can be started yet. Use "localhost" or launcher: "local".`,
        {
          host: spec.name,
          phase: "start",
        },
      );
    const settings = {
      peer: entry.peer,
      host: entry.name,
      endpoint,
      ranks: entry.ranks,
      size: this.size,
      threads: threadsPerRank(configuration.perNodeThreads, entry.ranks.length),
      rankMemoryMb: configuration.rankMemoryMb,
      rankPrefix: configuration.rankPrefix,
      logLevel: configuration.logLevel,
    };
    const prepared = await localLauncher.prepare(spec);
    const hostProcess = await prepared.start(settings, {
      output: (stream, line) => {
        if (stream === "stdout" || !this.#log.relay(line)) writeLine(stream, line);
      },
    });
    entry.process = hostProcess;
    void hostProcess.exited.then(({ code, signal }) => {
      if (!entry.ending)
        this.#hostLost(
          entry,
          signal ? `its process was ended by ${signal}` : `its process ended with exit code ${code}`,
        );
    });
    await this.#awaitHello(entry, hostProcess);
  }

  async #awaitHello(entry: HostEntry, hostProcess: HostProcess): Promise<void> {
    const { connectTimeoutS } = this.configuration;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, connectTimeoutS * 1000, "late");
    });
    const first = await Promise.race([entry.greeted, hostProcess.exited, late]);
    clearTimeout(timer);
    if (first === undefined) return;
    const what =
      first === "late"
        ? `its process did not call back within ${connectTimeoutS} s`
        : `its process ended before it called back`;
    const lastOutput = first === "late" ? "" : first.lastOutput;
    const tail = lastOutput === "" ? "" : `\nIts last output:\n${lastOutput}`;
    throw new LaunchError(`could not start ${entry.name}: ${what}.${tail}`, {
      host: entry.name,
      phase: "call back",
      lastOutput,
    });
  }

  #receive(peer: string, lane: Lane, frames: readonly Uint8Array[]): void {
    const entry = this.#hosts.get(peer);
    if (!entry || entry.lost !== undefined) return;
    try {
      this.#act(entry, lane, messageToDriver(frames));
    } catch (error) {
      this.#log.write("warn", { host: entry.name, error: String(error) }, "a message was dropped");
    }
  }

  #act(entry: HostEntry, lane: Lane, message: Received<ToDriver>): void {
    const { head } = message;
    switch (head.kind) {
      case "Hello":
        return entry.sawHello(lane, head);
      case "Report":
        this.#traffic.count(entry.name, "received", message.bytes);
        return this.#takeReport(head);
      case "Partial":
      case "Failure":
      case "Stopped":
        this.#traffic.count(entry.name, "received", message.bytes);
        return this.#running?.message(entry.peer, message as Received<JobMessage>);
    }
  }

  /** Whoever watches sees every transition, also when a report tells of several. */
  #takeReport({ transitions, progress }: Extract<ToDriver, { kind: "Report" }>): void {
    for (const item of progress) this.ranks.progress(item);
    for (const transition of transitions) {
      this.ranks.transition(transition);
      this.#running?.ranksReported();
    }
    if (transitions.length === 0) this.#running?.ranksReported();
  }

  #hostLost(entry: HostEntry, why: string): void {
    if (entry.lost !== undefined) return;
    const before = this.ranks.snapshot();
    entry.lost = why;
    for (const rank of entry.ranks) this.ranks.markLost(rank, why);
    this.#log.write("error", { host: entry.name, ranks: entry.ranks }, `${entry.name} is lost: ${why}`);
    const errors = entry.ranks.map((rank) => {
      const state = before[rank]!.state;
      const text = `rank ${rank} (${entry.name}) was lost while ${state}: ${why}.`;
      return new RankLostError(text, { rank, host: entry.name, state });
    });
    this.#running?.hostLost(entry.peer, errors);
  }

  #entriesAlive(): HostEntry[] {
    return [...this.#hosts.values()].filter(({ lost }) => lost === undefined);
  }

  #startNext(): void {
    if (this.#running) return;
    const next = this.#queue.shift();
    if (!next) return this.#rest();
    this.#running = next;
    this.#resume();
    this.#traffic.reset();
    followJob(next, this.configuration);
    if (this.configuration.cancelOnInterrupt) cancelOnInterrupt(next);
    next.start();
  }

  #settled(job: Job): void {
    const place = this.#queue.indexOf(job);
    if (place >= 0) this.#queue.splice(place, 1);
    if (this.#running !== job) return;
    this.#running = undefined;
    this.#startNext();
  }

  /** Nothing keeps an idle cluster's program from ending: no receive is pending, no process or thread is referenced. */
  #rest(): void {
    if (this.#closing) return;
    this.#server.rest();
    this.#ownClient?.rest();
    const own = this.#hosts.values().next().value!;
    for (const lane of lanes) this.#server.send(own.peer, lane, framesOf({ kind: "Rest" })).catch(() => {}); // closed: it rests for ever
    for (const { process: child } of this.#hosts.values()) child?.unref();
  }

  #resume(): void {
    this.#server.resume();
    this.#ownClient?.resume();
  }

  async #close(): Promise<void> {
    const jobs = [...this.#queue, ...(this.#running ? [this.#running] : [])];
    for (const job of jobs) job.cancel("the cluster was closed", { force: true });
    await Promise.allSettled(jobs.map(({ result }) => result));
    for (const entry of this.#hosts.values()) entry.ending = true;
    this.#resume();
    await Promise.all([...this.#hosts.values()].map(({ process: child }) => child?.end(endDeadlineMs)));
    await this.#ownHost?.close();
    await this.#server.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The driver's own host first, then the others, with their ranks numbered through. */
function hostEntries({ hosts, masterNode, perNodeCores }: Configuration): HostEntry[] {
  const slots = [{ name: masterNode, slots: hosts.length > 0 ? 1 : perNodeCores }, ...hosts];
  let next = 0;
  return slots.map((host) => {
    const ranks = Array.from({ length: host.slots }, () => next++);
    return new HostEntry(`${host.name}-${randomBytes(6).toString("hex")}`, host.name, ranks);
  });
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string })
    .version;
}
