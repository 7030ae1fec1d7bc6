/**
 * One host of the cluster: its rank actors and its connection to rank 0. It runs in the main thread of a host process, or
 * of the driver itself, and never computes. Messages become facts for the rank actors, and what those say becomes messages.
 */
import type { InspectionEvent, Observer } from "xstate";
import { type OutgoingFailure, type OutgoingPartial, RankActor, type RankSurroundings } from "../actors/rank-actor.ts";
import type { StateReport } from "../actors/rank-machine.ts";
import { nowMs } from "../now-ms.ts";
import { releaseFrame } from "../received-memory.ts";
import type { ModuleRoot } from "../thread/module-roots.ts";
import { type ClientTransport, type Lane, lanes } from "../transport/transport.ts";
import { clippedRecord, errorToRecord } from "../wire/error-codec.ts";
import { framesOf, messageToHost, type Received, type Scatter, type ToDriver, type ToHost } from "../wire/messages.ts";
import type { EncodedValue } from "../wire/value-codec.ts";
import { BlockStore } from "./block-store.ts";
import { LineWriter } from "./line-writer.ts";
import type { PeerSettings, Ways } from "./peers/peer-door.ts";
import { Reporter } from "./reporter.ts";
import { TalkingRanks } from "./talking-ranks.ts";

export interface HostOptions {
  /** Its name at the driver, made fresh for each process. */
  readonly peer: string;
  /** The name that people see. */
  readonly host: string;
  readonly ranks: readonly number[];
  readonly size: number;
  readonly threads: number;
  readonly rankMemoryMb: number | undefined;
  readonly nice: number;
  readonly version: string;
  /** Where modules of the driver lie here, when not at the same path. */
  readonly roots?: readonly ModuleRoot[] | undefined;
  /** How it talks to the other hosts; undefined when there are none. */
  readonly peers?: PeerSettings | undefined;
  readonly inspect?: Observer<InspectionEvent> | undefined;
}

/** What a host does beyond messages. */
export interface HostCallbacks {
  /** Where hosts of other machines can come in. */
  ways(): Ways;
  write(stream: "stdout" | "stderr", line: string): void;
  warn(message: string, details: object): void;
}

/** The job whose parts come. */
interface CurrentJob {
  readonly job: number;
  /** How many have come. */
  assignments: number;
  /** Whether those were the last, as far as the driver knew. */
  closed: boolean;
  /** How many were done when the driver was told that the ranks are idle. */
  told: number | undefined;
}

export class Host {
  readonly #options: HostOptions;
  readonly #client: ClientTransport;
  readonly #callbacks: HostCallbacks;
  readonly #ranks = new Map<number, RankActor>();
  readonly #blocks = new BlockStore();
  readonly #talking: TalkingRanks;
  readonly #reporter: Reporter;
  readonly #writers = new Map<string, LineWriter>();
  #current: CurrentJob = { job: 0, assignments: 0, closed: false, told: undefined };
  /** The job that was told to end, until every rank is done with it. */
  #ending: number | undefined;
  #endedJob = 0;
  #forced: number[] = [];

  constructor(options: HostOptions, client: ClientTransport, callbacks: HostCallbacks) {
    this.#options = options;
    this.#client = client;
    this.#callbacks = callbacks;
    const { size, host, threads, rankMemoryMb, nice, roots, inspect } = options;
    for (const rank of options.ranks)
      this.#ranks.set(
        rank,
        new RankActor({ rank, size, host, threads, rankMemoryMb, nice, roots, inspect }, this.#surroundings()),
      );
    this.#talking = new TalkingRanks(options.ranks, size, options.peers, {
      isOver: (job) => job <= this.#endedJob,
      send: (lane, head, value) => this.#send(lane, head, value),
      ways: () => callbacks.ways(),
      warn: (message, details) => callbacks.warn(message, details),
    });
    this.#reporter = new Reporter([...this.#ranks.values()], size, {
      talk: () => this.#talking.news(),
      send: (report) => this.#send("control", report),
    });
  }

  /** Says Hello, then starts the threads: the driver need not wait for them. */
  start(): void {
    this.#client.start((lane, frames) => this.#receive(lane, frames));
    const { host, version, ranks } = this.#options;
    const { pid, version: nodeVersion } = process;
    for (const lane of lanes) this.#send(lane, { kind: "Hello", host, pid, version, nodeVersion, ranks: [...ranks] });
    for (const rank of this.#ranks.values()) rank.warmUp();
  }

  /** Nothing is read from other hosts until `resume`. */
  rest(): void {
    this.#talking.links?.rest();
  }

  resume(): void {
    this.#talking.links?.resume();
  }

  async close(): Promise<void> {
    this.#reporter.close();
    await this.#talking.close();
    await Promise.all([...this.#ranks.values()].map((rank) => rank.close()));
    this.#blocks.close();
    for (const writer of this.#writers.values()) writer.flush();
    await this.#client.close();
  }

  #surroundings(): RankSurroundings {
    return {
      reportState: (rank, report) => this.#reportState(rank, report),
      sendPartial: (partial) => this.#sendPartial(partial),
      sendFailure: (failure) => this.#sendFailure(failure),
      becameIdle: () => this.#becameIdle(),
      threadEnded: (rank) => this.#blocks.threadLost(rank),
      printed: (rank, stream, text) => this.#printed(rank, stream, text),
      stands: (rank, job, standing) => this.#reporter.stands(rank, job, standing),
      windowChanged: (message) => this.#talking.windowChanged(message),
    };
  }

  #receive(_lane: Lane, frames: readonly Uint8Array[]): void {
    try {
      const message = messageToHost(frames, this.#blocks.placeOfLent);
      for (const frame of frames) releaseFrame(frame); // it has been copied
      this.#act(message);
    } catch (error) {
      this.#callbacks.warn("a message was dropped", { error: String(error) });
    }
  }

  #act({ head, value }: Received<ToHost>): void {
    switch (head.kind) {
      case "Block":
        if (!value || head.job <= this.#endedJob) return;
        this.#blocks.put(head.job, head.block, value, head.lent);
        return this.#watch();
      case "Attend":
        return this.#watch();
      case "Scatter":
        return this.#scatter(head, value);
      case "Data":
        if (value) this.#talking.cameFrom(head.from, value.raws);
        return;
      case "Dial":
        return void this.#talking.links?.dial(head);
      case "Expect":
        return this.#talking.links?.expect(head);
      case "Relay":
        return this.#talking.links?.relay(head.host);
      case "Gone":
        return this.#talking.links?.gone(head.host);
      case "Cancel":
        for (const rank of this.#ranks.values()) rank.cancel(head.job, head.reason, head.force, head.lost ?? undefined);
        return this.#end(head.job);
      case "Last":
        this.#jobOf(head.job).closed = true;
        return this.#sayIdle();
      case "Finish":
        return this.#end(head.job);
      case "Forget":
        this.#endedJob = Math.max(this.#endedJob, head.job);
        return this.#forget(head.job);
      case "Rest":
        return;
    }
  }

  #scatter(head: Scatter, value: Received<ToHost>["value"]): void {
    const rank = this.#ranks.get(head.rank);
    if (!rank || !value || head.job <= this.#endedJob) return;
    const { job, kernel, assignment, parts, blocks, cancelGraceMs, together } = head;
    const fabric = together ? this.#talking.fabricOf(job, together) : undefined;
    const request = () => ({
      kind: "Request" as const,
      ask: "compute" as const,
      job,
      kernel,
      parts: value,
      blocks: this.#blocks.newFor(head.rank, job, blocks),
      fabric,
    });
    this.#jobOf(job).assignments += 1;
    this.#watch();
    rank.receive({ job, assignment, parts, cancelGraceMs, request });
  }

  #end(job: number): void {
    this.#endedJob = Math.max(this.#endedJob, job);
    this.#ending = this.#endedJob;
    this.#answerEnd();
  }

  #becameIdle(): void {
    this.#answerEnd();
    this.#sayIdle();
  }

  #jobOf(job: number): CurrentJob {
    if (this.#current.job !== job) this.#current = { job, assignments: 0, closed: false, told: undefined };
    return this.#current;
  }

  /** All that came of a job is done, and nothing more was to come. More comes all the same where another host is lost. */
  #sayIdle(): void {
    const { job, assignments, closed, told } = this.#current;
    if (!closed || told === assignments || job <= this.#endedJob || !this.#areDoneWith(job)) return;
    this.#current.told = assignments;
    this.#tellLast();
    this.#send("control", { kind: "Idle", job, assignments });
    for (const rank of this.#ranks.values()) rank.forget(job, false);
  }

  #areDoneWith(job: number): boolean {
    for (const rank of this.#ranks.values()) if (!rank.isDoneWith(job)) return false;
    return true;
  }

  /** What was computed, what was written and what happened until now is told before the driver hears that nothing more comes. */
  #tellLast(): void {
    this.#client.flush();
    for (const writer of this.#writers.values()) writer.flush();
    this.#reporter.flush();
    this.#reporter.unwatch();
    this.#client.watch(false);
  }

  /** Work is on its way here. */
  #watch(): void {
    this.#reporter.watch();
    this.#client.watch(true);
  }

  /** Tells the driver once all ranks are done with the job that ends. */
  #answerEnd(): void {
    const job = this.#ending;
    if (job === undefined || !this.#areDoneWith(job)) return;
    this.#ending = undefined;
    this.#tellLast();
    this.#send("control", { kind: "Stopped", job, forced: this.#forced, talk: this.#talking.allOf(job) });
    this.#forced = [];
    this.#forget(job);
    this.#talking.end(job);
  }

  #forget(job: number): void {
    for (const rank of this.#ranks.values()) rank.forget(job, this.#blocks.wereGiven(rank.rank));
    this.#blocks.forget(job);
  }

  #reportState(rank: number, report: StateReport): void {
    if (report.forced) this.#forced.push(rank);
    const { job, to, event, part, forced, cause } = report;
    this.#reporter.add({ rank, job, to, event, atMs: nowMs(), part, forced, cause });
  }

  #sendPartial({ values, ...partial }: OutgoingPartial): void {
    const { job, rank, assignment, parts } = partial;
    try {
      this.#send("data", { kind: "Partial", ...partial, parts: [...parts] }, values);
    } catch (error) {
      this.#sendFailure({ job, rank, assignment, part: parts[0] ?? null, error: errorToRecord(error) });
    }
  }

  #sendFailure({ error, ...failure }: OutgoingFailure): void {
    this.#send("data", { kind: "Failure", ...failure, error: clippedRecord(error) });
  }

  #send(lane: Lane, head: ToDriver, value?: EncodedValue): void {
    this.#client.send(lane, framesOf(head, value, this.#client.longestFrame)).catch(() => {}); // the connection is closed: this host is ending
  }

  #printed(rank: number, stream: "stdout" | "stderr", text: string): void {
    const key = `${rank} ${stream}`;
    let writer = this.#writers.get(key);
    if (!writer) {
      // The driver tells by it whose line it is, and takes it off where it isn't wanted.
      writer = new LineWriter((line) => this.#callbacks.write(stream, `[${rank}] ${line}`));
      this.#writers.set(key, writer);
    }
    writer.push(text);
  }
}
