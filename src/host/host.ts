/**
 * One host of the cluster: its rank actors and its connection to rank 0. It runs in the main thread of a host process, or
 * of the driver itself, and never computes. Messages become facts for the rank actors, and what those say becomes messages.
 */
import type { InspectionEvent, Observer } from "xstate";
import { type OutgoingFailure, type OutgoingPartial, RankActor, type RankSurroundings } from "../actors/rank-actor.ts";
import type { StateReport } from "../actors/rank-machine.ts";
import { createFabric, type FabricMap } from "../comm/device/fabric.ts";
import type { ModuleRoot } from "../thread/module-roots.ts";
import type { WindowMessage } from "../thread/thread-protocol.ts";
import { releaseFrame } from "../transport/received-memory.ts";
import { type ClientTransport, type Frames, type Lane, lanes } from "../transport/transport.ts";
import { clippedRecord, errorToRecord } from "../wire/error-codec.ts";
import { framesOf, messageToHost, type Received, type Scatter, type ToDriver, type ToHost } from "../wire/messages.ts";
import { fromRuns } from "../wire/runs.ts";
import { type EncodedValue, encodeValue } from "../wire/value-codec.ts";
import { jobOf } from "./batch.ts";
import { BlockStore } from "./block-store.ts";
import { Gateway } from "./gateway.ts";
import { LineWriter } from "./line-writer.ts";
import type { PeerSettings, Ways } from "./peers/peer-door.ts";
import { PeerLinks } from "./peers/peer-links.ts";
import { Reporter } from "./reporter.ts";
import { TalkCounts } from "./talk-counts.ts";
import { WindowDesk } from "./window-desk.ts";

export interface HostOptions {
  /** Its name at the driver, made fresh for each process. */
  readonly peer: string;
  /** The name that people see. */
  readonly host: string;
  readonly ranks: readonly number[];
  readonly size: number;
  readonly threads: number;
  readonly rankMemoryMb: number | undefined;
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

/** What a job has here whose ranks talk to each other. */
interface Talking {
  readonly job: number;
  readonly map: FabricMap;
  readonly gateway: Gateway;
  readonly counts: TalkCounts;
  /** Since the first window. */
  windows?: WindowDesk;
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

/** The head of a value that is nothing but its raw bytes. */
const noValue = encodeValue(null).head;

export class Host {
  readonly #options: HostOptions;
  readonly #client: ClientTransport;
  readonly #callbacks: HostCallbacks;
  readonly #ranks = new Map<number, RankActor>();
  readonly #blocks = new BlockStore();
  readonly #reporter: Reporter;
  readonly #writers = new Map<string, LineWriter>();
  #current: CurrentJob = { job: 0, assignments: 0, closed: false, told: undefined };
  /** The job that was told to end, until every rank is done with it. */
  #ending: number | undefined;
  #endedJob = 0;
  /** The job whose ranks talk to each other. */
  #talking: Talking | undefined;
  /** What other hosts' ranks sent before their job began here. Bounded by their credit. */
  #early: { readonly job: number; readonly from: number; readonly frames: Frames }[] = [];
  readonly #links: PeerLinks | undefined;
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
    if (options.peers) this.#links = this.#makeLinks(options.peers);
    this.#reporter = new Reporter([...this.#ranks.values()], size, {
      talk: () => this.#talking?.counts.news() ?? null,
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
    this.#links?.rest();
  }

  resume(): void {
    this.#links?.resume();
  }

  async close(): Promise<void> {
    closeTalk(this.#talking);
    this.#reporter.close();
    await this.#links?.close();
    await Promise.all([...this.#ranks.values()].map((rank) => rank.close()));
    for (const writer of this.#writers.values()) writer.flush();
    await this.#client.close();
  }

  #makeLinks(settings: PeerSettings): PeerLinks {
    return new PeerLinks(settings, {
      tell: (head) => this.#send("control", head),
      received: (from, frames) => this.#cameFrom(from, frames),
      forward: (to, frames) => this.#forward(to, frames),
      ways: () => this.#callbacks.ways(),
      warn: (message, details) => this.#callbacks.warn(message, details),
    });
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
      windowChanged: (message) => this.#windowChanged(message),
    };
  }

  #receive(_lane: Lane, frames: readonly Uint8Array[]): void {
    try {
      const message = messageToHost(frames);
      for (const frame of frames) releaseFrame(frame); // it has been copied
      this.#act(message);
    } catch (error) {
      this.#callbacks.warn("a message was dropped", { error: String(error) });
    }
  }

  #act({ head, value }: Received<ToHost>): void {
    switch (head.kind) {
      case "Block":
        if (value && head.job > this.#endedJob) this.#blocks.put(head.job, head.block, value);
        return;
      case "Attend":
        return this.#reporter.watch();
      case "Scatter":
        return this.#scatter(head, value);
      case "Data":
        if (value) this.#cameFrom(head.from, value.raws);
        return;
      case "Dial":
        return void this.#links?.dial(head);
      case "Expect":
        return this.#links?.expect(head);
      case "Relay":
        return this.#links?.relay(head.host);
      case "Gone":
        return this.#links?.gone(head.host);
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
    const fabric = together ? this.#fabricOf(job, together) : undefined;
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
    this.#reporter.watch();
    rank.receive({ job, assignment, parts, cancelGraceMs, request });
  }

  /** The memory through which the ranks of this job talk here, made with the first of them. */
  #fabricOf(job: number, together: readonly number[]): FabricMap {
    if (this.#talking?.job === job) return this.#talking.map;
    closeTalk(this.#talking);
    this.#links?.open();
    const { size, ranks } = this.#options;
    const map = fabricFor(ranks, fromRuns(together, size));
    const gateway = new Gateway(job, map, (host, frames) => this.#links?.send(host, frames));
    const counts = new TalkCounts(map, gateway, (host) => this.#links?.isRelayed(host) ?? false);
    this.#talking = { job, map, gateway, counts };
    for (const { from, frames } of this.#early.splice(0)) this.#cameFrom(from, frames);
    return map;
  }

  /** From the ranks of another host. Its job may not have begun here: nothing orders the ways of the driver and of other hosts. */
  #cameFrom(from: number, frames: Frames): void {
    try {
      const job = jobOf(frames);
      if (job <= this.#endedJob) return;
      if (job === this.#talking?.job) this.#talking.gateway.deliver(from, frames);
      else this.#early.push({ job, from, frames });
    } catch (error) {
      this.#callbacks.warn("what another host sent was dropped", { from, error: String(error) });
      this.#send("control", { kind: "Broken", to: from }); // something is missing now
    }
  }

  #forward(to: number, frames: Frames): void {
    const head: ToDriver = { kind: "Forward", job: jobOf(frames), to };
    const value = { head: noValue, raws: [...frames] };
    this.#send("data", head, value);
  }

  #windowChanged(message: WindowMessage): void {
    const talking = this.#talking;
    if (!talking) return;
    const { size } = this.#options;
    talking.windows ??= new WindowDesk(talking.map, size, (text, details) => this.#callbacks.warn(text, details));
    if (message.kind === "Expose") talking.windows.expose(message.exposure, message.reply);
    else talking.windows.withdraw(message.window);
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

  /** What was written and what happened until now is told before the driver hears that nothing more comes. */
  #tellLast(): void {
    for (const writer of this.#writers.values()) writer.flush();
    this.#reporter.flush();
    this.#reporter.unwatch();
  }

  /** Tells the driver once all ranks are done with the job that ends. */
  #answerEnd(): void {
    const job = this.#ending;
    if (job === undefined || !this.#areDoneWith(job)) return;
    this.#ending = undefined;
    this.#tellLast();
    const talk = this.#talking?.job === job ? this.#talking.counts.all() : null;
    this.#send("control", { kind: "Stopped", job, forced: this.#forced, talk });
    this.#forced = [];
    this.#forget(job);
    closeTalk(this.#talking);
    this.#talking = undefined;
    this.#early = this.#early.filter((each) => each.job > job);
  }

  #forget(job: number): void {
    for (const rank of this.#ranks.values()) rank.forget(job, this.#blocks.wereGiven(rank.rank));
    this.#blocks.forget(job);
  }

  #reportState(rank: number, report: StateReport): void {
    if (report.forced) this.#forced.push(rank);
    this.#reporter.add({ rank, ...report, atMs: performance.timeOrigin + performance.now() });
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

/** With hosts to talk to, each has one more rank, beyond those of the job: the server of its windows. */
function fabricFor(ranks: readonly number[], hosts: readonly number[]): FabricMap {
  const size = hosts.length;
  const count = new Set(hosts).size;
  if (count === 1) return createFabric(size, ranks, hosts);
  return createFabric(size + count, [...ranks, size + hosts[ranks[0]!]!], [...hosts, ...Array(count).keys()], count);
}

function closeTalk(talking: Talking | undefined): void {
  talking?.gateway.close();
  talking?.windows?.close();
}
