/**
 * One host of the cluster: its rank actors and its connection to rank 0. It runs in the main thread of a host process, or
 * of the driver itself, and never computes. Messages become facts for the rank actors, and what those say becomes messages.
 */
import type { InspectionEvent, Observer } from "xstate";
import { type OutgoingPartial, RankActor, type RankSurroundings } from "../actors/rank-actor.ts";
import type { StateReport } from "../actors/rank-machine.ts";
import type { ModuleRoot } from "../thread/module-roots.ts";
import type { ClientTransport, Lane } from "../transport/transport.ts";
import { framesOf, messageToHost, type Received, type Scatter, type ToDriver, type ToHost } from "../wire/messages.ts";
import { BlockStore, ownFrames } from "./block-store.ts";
import { LineWriter } from "./line-writer.ts";
import { Reporter } from "./reporter.ts";

export interface HostOptions {
  /** Its name at the driver, made fresh for each process. */
  readonly peer: string;
  /** The name that people see. */
  readonly host: string;
  readonly ranks: readonly number[];
  readonly size: number;
  readonly threads: number;
  readonly rankMemoryMb: number | undefined;
  readonly rankPrefix: boolean;
  readonly version: string;
  /** Where modules of the driver lie here, when not at the same path. */
  readonly roots?: readonly ModuleRoot[] | undefined;
  readonly inspect?: Observer<InspectionEvent> | undefined;
}

/** What a host does beyond messages. */
export interface HostCallbacks {
  shutdown(): void;
  write(stream: "stdout" | "stderr", line: string): void;
  warn(message: string, details: object): void;
}

export class Host {
  readonly #options: HostOptions;
  readonly #client: ClientTransport;
  readonly #callbacks: HostCallbacks;
  readonly #ranks = new Map<number, RankActor>();
  readonly #blocks = new BlockStore();
  readonly #reporter: Reporter;
  readonly #writers = new Map<string, LineWriter>();
  /** The job that was told to end, until every rank is done with it. */
  #ending: number | undefined;
  #endedJob = 0;
  #forced: number[] = [];

  constructor(options: HostOptions, client: ClientTransport, callbacks: HostCallbacks) {
    this.#options = options;
    this.#client = client;
    this.#callbacks = callbacks;
    const { size, host, threads, rankMemoryMb, roots, inspect } = options;
    for (const rank of options.ranks)
      this.#ranks.set(
        rank,
        new RankActor({ rank, size, host, threads, rankMemoryMb, roots, inspect }, this.#surroundings()),
      );
    this.#reporter = new Reporter([...this.#ranks.values()], (report) => this.#send("control", report));
  }

  /** Starts the threads and says Hello. */
  start(): void {
    for (const rank of this.#ranks.values()) rank.warmUp();
    this.#client.start((lane, frames) => this.#receive(lane, frames));
    const { host, version, ranks } = this.#options;
    this.#send("control", {
      kind: "Hello",
      host,
      pid: process.pid,
      version,
      nodeVersion: process.version,
      ranks: [...ranks],
    });
    this.#send("data", {
      kind: "Hello",
      host,
      pid: process.pid,
      version,
      nodeVersion: process.version,
      ranks: [...ranks],
    });
  }

  async close(): Promise<void> {
    this.#reporter.close();
    await Promise.all([...this.#ranks.values()].map((rank) => rank.close()));
    for (const writer of this.#writers.values()) writer.flush();
    await this.#client.close();
  }

  #surroundings(): RankSurroundings {
    return {
      reportState: (rank, report) => this.#reportState(rank, report),
      sendPartial: (partial) => this.#sendPartial(partial),
      sendFailure: (failure) => this.#client.send("data", framesOf({ kind: "Failure", ...failure })),
      becameIdle: () => this.#answerEnd(),
      threadEnded: (rank) => this.#blocks.threadLost(rank),
      printed: (rank, stream, text) => this.#printed(rank, stream, text),
    };
  }

  #receive(_lane: Lane, frames: readonly Uint8Array[]): void {
    try {
      this.#act(messageToHost(frames));
    } catch (error) {
      this.#callbacks.warn("a message was dropped", { error: String(error) });
    }
  }

  #act({ head, value }: Received<ToHost>): void {
    switch (head.kind) {
      case "Block":
        if (value && head.job > this.#endedJob) this.#blocks.put(head.job, head.block, value);
        return;
      case "Scatter":
        return this.#scatter(head, value);
      case "Cancel":
        for (const rank of this.#ranks.values()) rank.cancel(head.job, head.reason, head.force);
        return this.#end(head.job);
      case "Finish":
        return this.#end(head.job);
      case "Shutdown":
        return this.#callbacks.shutdown();
      case "Welcome":
      case "Rest":
        return;
    }
  }

  #scatter(head: Scatter, value: Received<ToHost>["value"]): void {
    const rank = this.#ranks.get(head.rank);
    if (!rank || !value || head.job <= this.#endedJob) return;
    const { job, kernel, assignment, parts, blocks, cancelGraceMs } = head;
    const values = ownFrames(value);
    const request = () => ({
      kind: "Request" as const,
      ask: "compute" as const,
      job,
      kernel,
      parts: values,
      blocks: this.#blocks.newFor(head.rank, job, blocks),
    });
    this.#reporter.watch();
    rank.receive({ job, assignment, parts, cancelGraceMs, request });
  }

  #end(job: number): void {
    this.#endedJob = Math.max(this.#endedJob, job);
    this.#ending = this.#endedJob;
    this.#answerEnd();
  }

  /** Tells the driver once all ranks are done with the job that ends; the last states are reported before. */
  #answerEnd(): void {
    const job = this.#ending;
    if (job === undefined || ![...this.#ranks.values()].every((rank) => rank.isDoneWith(job))) return;
    this.#ending = undefined;
    this.#reporter.flush();
    this.#reporter.unwatch();
    this.#send("control", { kind: "Stopped", job, forced: this.#forced });
    this.#forced = [];
    for (const rank of this.#ranks.values()) rank.forget(job, this.#blocks.wereGiven(rank.rank));
    this.#blocks.forget(job);
  }

  #reportState(rank: number, report: StateReport): void {
    if (report.forced) this.#forced.push(rank);
    this.#reporter.add({ rank, ...report, atMs: performance.timeOrigin + performance.now() });
  }

  #sendPartial({ values, ...partial }: OutgoingPartial): Promise<void> {
    return this.#client.send("data", framesOf({ kind: "Partial", ...partial, parts: [...partial.parts] }, values));
  }

  #send(lane: Lane, head: ToDriver): void {
    this.#client.send(lane, framesOf(head)).catch(() => {}); // the connection is closed: this host is ending
  }

  #printed(rank: number, stream: "stdout" | "stderr", text: string): void {
    const key = `${rank} ${stream}`;
    let writer = this.#writers.get(key);
    if (!writer) {
      const prefix = this.#options.rankPrefix ? `[${rank}] ` : "";
      writer = new LineWriter((line) => this.#callbacks.write(stream, prefix + line));
      this.#writers.set(key, writer);
    }
    writer.push(text);
  }
}
