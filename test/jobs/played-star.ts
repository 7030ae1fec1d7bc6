/** A star without processes: the test plays the hosts, step by step or all by themselves. Messages go through the real codec. */
import { RankTable } from "../../src/cluster/rank-table.ts";
import type { JobMessage, JobTraffic, Star, StarListener } from "../../src/cluster/star.ts";
import { TrafficCounter } from "../../src/cluster/traffic-counter.ts";
import { RankLostError } from "../../src/errors.ts";
import type { Kernel, World } from "../../src/kernels/define-kernel.ts";
import { errorToRecord } from "../../src/wire/error-codec.ts";
import {
  framesOf,
  messageToDriver,
  messageToHost,
  type Received,
  type Scatter,
  sizeOf,
  type ToDriver,
  type ToHost,
} from "../../src/wire/messages.ts";
import { decodeValue, type EncodedValue, encodeValue, openValue } from "../../src/wire/value-codec.ts";

/** Parts that lie with a rank. */
export interface Work {
  readonly head: Scatter;
  readonly values: readonly unknown[];
}

export class PlayedStar implements Star {
  readonly ranks: RankTable;
  readonly world: World;
  /** All that was sent, in its order. */
  readonly sent: { readonly host: string; readonly head: ToHost }[] = [];
  /** What each rank has and has not answered yet. */
  readonly work: Work[][];
  /** Hosts that do not answer Cancel, Last and Finish until the test does it for them. */
  readonly slowToStop = new Set<string>();
  listener: Pick<StarListener, "message" | "hostLost" | "hostBack"> | undefined;
  /** Called with each assignment as it arrives. */
  onWork: ((rank: number) => void) | undefined;
  readonly #hosts: Map<string, { ranks: readonly number[]; live: boolean; closed?: number; assignments: number }>;
  readonly #traffic: TrafficCounter;
  readonly #blocks = new Map<string, Map<number, EncodedValue>>();

  /** @param hosts how many ranks each has: `{ a: 1, b: 2 }` */
  constructor(hosts: Record<string, number>) {
    let next = 0;
    this.#hosts = new Map(
      Object.entries(hosts).map(([host, count]) => [
        host,
        { ranks: Array.from({ length: count }, () => next++), live: true, assignments: 0 },
      ]),
    );
    const names = [...this.#hosts].flatMap(([host, { ranks }]) => ranks.map(() => host));
    this.ranks = new RankTable(names);
    this.#traffic = new TrafficCounter(next);
    this.world = { size: next, hosts: names };
    this.work = Array.from({ length: next }, () => []);
  }

  hostOf(rank: number): string | undefined {
    return [...this.#hosts].find(([, { ranks, live }]) => live && ranks.includes(rank))?.[0];
  }

  liveHosts(): string[] {
    return [...this.#hosts].filter(([, { live }]) => live).map(([host]) => host);
  }

  traffic(): JobTraffic {
    return this.#traffic.snapshot();
  }

  send(host: string, head: ToHost, value?: EncodedValue): number {
    const frames = framesOf(head, value);
    this.sent.push({ host, head });
    this.#traffic.count(host, "sent", sizeOf(frames));
    this.#arrive(host, messageToHost(frames));
    return sizeOf(frames);
  }

  owesNothing(_host: string): void {}

  attend(_host: string): void {}

  #arrive(host: string, { head, value }: Received<ToHost>): void {
    if (head.kind === "Block") this.#blocksOf(host).set(head.block, value!);
    if (head.kind === "Scatter") {
      this.work[head.rank]!.push({ head, values: this.#decode(host, value!) as unknown[] });
      this.#hosts.get(host)!.assignments += 1;
      this.onWork?.(head.rank);
    }
    if (head.kind === "Last") {
      this.#hosts.get(host)!.closed = head.job;
      queueMicrotask(() => this.#sayIdle(host));
    }
    if ((head.kind === "Cancel" || head.kind === "Finish") && !this.slowToStop.has(host))
      queueMicrotask(() => this.stopped(host, head.job));
  }

  #decode(host: string, { head, raws }: EncodedValue): unknown {
    return decodeValue(openValue(head), raws, {
      functionAt: (index) => index,
      block: (id) => this.#decode(host, this.#blocksOf(host).get(id)!),
    });
  }

  #blocksOf(host: string): Map<number, EncodedValue> {
    let blocks = this.#blocks.get(host);
    if (!blocks) {
      blocks = new Map();
      this.#blocks.set(host, blocks);
    }
    return blocks;
  }

  /** Answers the rank's first assignment, or its first `count` parts. */
  answer(rank: number, compute: (part: never) => unknown, count = Number.POSITIVE_INFINITY): void {
    const [{ head, values }] = this.work[rank] as [Work];
    const parts = head.parts.slice(0, count);
    const rest = { head: { ...head, parts: head.parts.slice(count) }, values: values.slice(count) };
    this.work[rank]!.splice(0, 1, ...(rest.values.length > 0 ? [rest] : []));
    this.partials(
      head,
      parts,
      values.slice(0, count).map(compute as (part: unknown) => unknown),
      rest.values.length === 0,
    );
  }

  /** Partials of an assignment, whoever has it now. */
  partials(
    { job, rank, assignment }: Scatter,
    parts: readonly number[],
    values: readonly unknown[],
    last = true,
  ): void {
    const head: ToDriver = {
      kind: "Partial",
      job,
      rank,
      assignment,
      parts: [...parts],
      last,
      computeMs: 4 * parts.length,
    };
    const host = this.world.hosts[rank]!;
    this.#deliver(host, head, encodeValue(values));
    if (last) queueMicrotask(() => this.#sayIdle(host));
  }

  /** As a host does that was told that nothing more comes, when none of its ranks has anything to do. */
  #sayIdle(host: string): void {
    const { closed: job, ranks, assignments, live } = this.#hosts.get(host)!;
    if (job === undefined || !live || this.slowToStop.has(host)) return;
    if (ranks.every((rank) => this.work[rank]!.length === 0)) this.idle(host, job, assignments);
  }

  idle(host: string, job: number, assignments = this.#hosts.get(host)!.assignments): void {
    this.#deliver(host, { kind: "Idle", job, assignments });
  }

  fail(rank: number, error: unknown): void {
    const { head } = this.work[rank]!.shift()!;
    const { job, assignment, parts } = head;
    const failure = { kind: "Failure", job, rank, assignment, part: parts[0]!, error: errorToRecord(error) } as const;
    this.#deliver(this.world.hosts[rank]!, failure);
  }

  stopped(host: string, job: number, forced: number[] = []): void {
    for (const rank of this.#hosts.get(host)!.ranks) this.work[rank] = [];
    this.#deliver(host, { kind: "Stopped", job, forced, talk: null });
  }

  lose(host: string, why = "its process ended"): void {
    const entry = this.#hosts.get(host)!;
    entry.live = false;
    for (const rank of entry.ranks) {
      this.ranks.markLost(rank, why);
      this.work[rank] = [];
    }
    const errors = entry.ranks.map(
      (rank) => new RankLostError(`rank ${rank} (${host}) was lost: ${why}.`, { rank, host, state: "computing" }),
    );
    this.listener?.hostLost(host, errors);
  }

  back(host: string): void {
    const entry = this.#hosts.get(host)!;
    entry.live = true;
    for (const rank of entry.ranks) this.ranks.markBack(rank);
    this.listener?.hostBack(entry.ranks);
  }

  /** From now on every rank answers each assignment a turn of the event loop later. */
  playAll(kernel: Pick<Kernel<unknown, never>, "compute">, context = {} as never): void {
    const answer = (rank: number) => {
      if (this.work[rank]!.length > 0) this.answer(rank, (part: never) => kernel.compute(part, context));
    };
    this.onWork = (rank) => setImmediate(() => answer(rank));
    for (const [rank, work] of this.work.entries()) for (const _ of work) setImmediate(() => answer(rank));
  }

  kinds(host?: string): string[] {
    return this.sent.filter((each) => host === undefined || each.host === host).map(({ head }) => head.kind);
  }

  #deliver(host: string, head: ToDriver, value?: EncodedValue): void {
    const frames = framesOf(head, value);
    this.#traffic.count(host, "received", sizeOf(frames));
    this.listener?.message(host, messageToDriver(frames) as Received<JobMessage>);
  }
}

/** Resolves after everything that can happen without the test has happened. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

/** Turn after turn of the event loop until it is so; one that never is fails the test instead of hanging it. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns === 20_000) throw new Error("it never was so");
    await new Promise(setImmediate);
  }
}
