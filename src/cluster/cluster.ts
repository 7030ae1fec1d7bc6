/**
 * A running cluster as the user holds it: spawns jobs, one at a time (the job lock), and ends. The hosts behind it are the
 * fleet's matter (fleet.ts).
 */
import { stripVTControlCharacters } from "node:util";
import type { InspectionEvent, Observer } from "xstate";
import type { Configuration } from "../config/configuration.ts";
import { JobStateError, UsageError } from "../errors.ts";
import type { Kernel } from "../kernels/define-kernel.ts";
import { Log } from "../log.ts";
import { followJob } from "../terminal/follow-job.ts";
import { cancelOnInterrupt } from "../terminal/interrupt.ts";
import { writeLine } from "../terminal/output.ts";
import { type Arrival, Fleet } from "./fleet.ts";
import type { HostSnapshot } from "./host-entry.ts";
import { Job } from "./job.ts";
import { parseJobOptions, type SpawnOptions } from "./job-options.ts";
import { type OutputLine, OutputLog } from "./output-log.ts";
import { type PastJob, PastJobs } from "./past-jobs.ts";
import type { RankSnapshot } from "./rank-table.ts";
import { guarded } from "./story.ts";

/** What only the program itself can hand over. */
export interface ClusterHooks {
  /** Gets every inspection event of the cluster's actors, as XState's `createActor({ inspect })`. */
  readonly inspect?: Observer<InspectionEvent> | undefined;
}

/** A cluster at one moment. */
export interface ClusterSnapshot {
  /** Number of ranks. */
  readonly size: number;
  readonly closed: boolean;
  /** The job that holds the cluster. */
  readonly running: string | undefined;
  /** Those that wait their turn, in its order. */
  readonly queued: readonly string[];
  /** The driver's own first. */
  readonly hosts: readonly HostSnapshot[];
  readonly ranks: readonly RankSnapshot[];
}

/** Ranks on one or more hosts, and the jobs that run on them, one at a time. `launchCluster` gives one; `close` or `await using` ends it. */
export class Cluster {
  /** As it was checked, with all defaults filled in. */
  readonly configuration: Configuration;
  readonly #hooks: ClusterHooks;
  readonly #fleet: Fleet;
  #running: Job | undefined;
  readonly #queue: Job[] = [];
  #jobs = 0;
  #closing: Promise<void> | undefined;
  #lastJob: string | undefined;
  readonly #past = new PastJobs();
  readonly #followers = new Set<(job: Job) => void>();
  /** The last lines that ranks and hosts have written. */
  readonly output = new OutputLog();
  /** Resolves when the cluster was closed. */
  readonly closed: Promise<void>;
  #setClosed!: () => void;

  private constructor(configuration: Configuration, hooks: ClusterHooks) {
    this.configuration = configuration;
    this.closed = new Promise((resolve) => {
      this.#setClosed = resolve;
    });
    this.#hooks = hooks;
    const log = Log.ofDriver(configuration.logLevel, (line) => {
      writeLine("stderr", line);
      this.#keepLine({
        stream: "log",
        host: undefined,
        rank: undefined,
        text: stripVTControlCharacters(line).trimEnd(),
      });
    });
    this.#fleet = new Fleet(
      configuration,
      log,
      hooks.inspect,
      () => this.#running?.news,
      (stream, line) => this.#keepLine({ stream, ...line }),
    );
  }

  /** Starts all hosts. When one does not come up, the others are ended before the error is thrown. */
  static async launch(configuration: Configuration, hooks: ClusterHooks): Promise<Cluster> {
    return (await Cluster.#begin(configuration, hooks, (fleet) => fleet.launch())).cluster;
  }

  /** Starts those hosts that come up, and says what became of each. Not for jobs: see `checkCluster`. */
  static async launchSome(configuration: Configuration): Promise<{ cluster: Cluster; hosts: Arrival[] }> {
    const { cluster, outcome } = await Cluster.#begin(configuration, {}, (fleet) => fleet.launchSome());
    return { cluster, hosts: outcome };
  }

  static async #begin<T>(
    configuration: Configuration,
    hooks: ClusterHooks,
    launch: (fleet: Fleet) => Promise<T>,
  ): Promise<{ cluster: Cluster; outcome: T }> {
    const cluster = new Cluster(configuration, hooks);
    try {
      const outcome = await launch(cluster.#fleet);
      cluster.#startNext();
      return { cluster, outcome };
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Number of ranks. */
  get size(): number {
    return this.#fleet.star.world.size;
  }

  /** The cluster, its hosts and ranks, now. */
  getSnapshot(): ClusterSnapshot {
    return {
      size: this.size,
      closed: this.#closing !== undefined,
      running: this.#running?.id,
      queued: this.#queue.map(({ id }) => id),
      hosts: this.#fleet.snapshot(),
      ranks: this.#fleet.star.ranks.snapshot(),
    };
  }

  /** The job that holds the cluster. */
  get runningJob(): Job | undefined {
    return this.#running;
  }

  /** What runs, then what waits, in its order. */
  get jobs(): readonly Job[] {
    return this.#running ? [this.#running, ...this.#queue] : [...this.#queue];
  }

  /** The last jobs that are over, oldest first, and what happened in them. */
  get pastJobs(): readonly PastJob[] {
    return this.#past.all();
  }

  /** Calls `follower` with each job from now on, before it begins; the function returned ends that. */
  followJobs(follower: (job: Job) => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
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
    const job = new Job<Result>(
      ++this.#jobs,
      kernel as unknown as Kernel<unknown>,
      prepared,
      jobOptions,
      this.#fleet.star,
      {
        settled: () => this.#settled(job),
        inspect: this.#hooks.inspect,
      },
    );
    this.#queue.push(job);
    for (const follower of this.#followers) guarded(() => follower(job));
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

  #startNext(): void {
    if (this.#running) return;
    const next = this.#queue.shift();
    if (!next) return this.#restSoon();
    this.#running = next;
    this.#lastJob = next.id;
    this.#fleet.resume();
    this.#fleet.beginJob();
    followJob(next, this.configuration);
    if (this.configuration.cancelOnInterrupt) cancelOnInterrupt(next);
    next.start();
  }

  /** Whoever waited for the last job may spawn the next at once. */
  #restSoon(): void {
    setImmediate(() => {
      if (!this.#running) this.#fleet.rest();
    });
  }

  #settled(job: Job): void {
    const place = this.#queue.indexOf(job);
    if (place >= 0) this.#queue.splice(place, 1);
    this.#past.add(job);
    if (this.#running !== job) return;
    this.#running = undefined;
    this.#fleet.endJob();
    this.#startNext();
  }

  async #close(): Promise<void> {
    const jobs = [...this.#queue, ...(this.#running ? [this.#running] : [])];
    for (const job of jobs) job.cancel("the cluster was closed", { force: true });
    await Promise.allSettled(jobs.map(({ result }) => result));
    await this.#fleet.close();
    this.#setClosed();
  }

  /** What comes between jobs is the last one's: threads write a moment later than they report. */
  #keepLine(line: Omit<OutputLine, "timeMs" | "job">): void {
    this.output.push({ timeMs: Date.now(), job: this.#running?.id ?? this.#lastJob, ...line });
  }
}
