/**
 * The work of one job at the driver: hands parts to ranks within a small credit, gives their partials to reduce, and hands
 * out again what a lost rank had. It tells the job machine what happened and does not decide the outcome.
 */
import { type RankLostError, shown, TransportError, UsageError } from "../errors.ts";
import type { Kernel, ReduceContext } from "../kernels/define-kernel.ts";
import type { Received } from "../wire/messages.ts";
import { toRuns } from "../wire/runs.ts";
import { decodeValue, type EncodedValue, openValue } from "../wire/value-codec.ts";
import { BatchSizes } from "./batch-size.ts";
import { BlockSender } from "./block-sender.ts";
import { Credits } from "./credits.ts";
import { HostTally } from "./host-tally.ts";
import { PartQueue, type QueuedPart } from "./part-queue.ts";
import { PartialStream } from "./partial-stream.ts";
import { driverError, kernelError } from "./run-errors.ts";
import type { JobMessage, Star } from "./star.ts";
import { hostNumbers, onePerRank } from "./together-parts.ts";

/** How many assignments a rank has at a time: one to compute and one to go on with. */
const credit = 2;
/** A part that was lost with this many ranks is not tried on another: it may be what ended them. */
const mostLosses = 3;

/** What the run asks of its job. */
export interface RunSurroundings {
  /** Every rank has had its first parts, or there are no more. */
  handedOut(): void;
  /** All partials are there. */
  received(): void;
  reduced(result: unknown): void;
  /** reduce waits for a partial that has not come. */
  starved(): void;
  failed(error: unknown): void;
  /** reduce asks for the end of what still runs. */
  cancelRest: ReduceContext["cancelRest"];
  /** reduce leaves word for the statistics. */
  note: ReduceContext["note"];
}

type PartialHead = Extract<JobMessage, { kind: "Partial" }>;

interface Assignment {
  readonly rank: number;
  readonly parts: Map<number, QueuedPart>;
}

export class JobRun {
  readonly #job: number;
  readonly #kernel: Kernel<unknown>;
  readonly #star: Star;
  /** For a job whose ranks talk to each other: the number of each rank's host, in runs. */
  readonly #together: number[] | undefined;
  readonly #around: RunSurroundings;
  readonly #cancelGraceMs: number;
  readonly #queue: PartQueue;
  readonly #blocks: BlockSender;
  readonly #stream: PartialStream;
  readonly #assignments = new Map<number, Assignment>();
  readonly #batches: BatchSizes;
  readonly #credits = new Credits(credit);
  readonly #partsDone: number[];
  /** What each host was given. */
  readonly tally = new HostTally();
  #lastAssignment = 0;
  #received = 0;
  #again = 0;
  #over = false;
  #pumping = false;
  #pumpAgain = false;
  #pumpScheduled = false;
  #handedOut = false;
  #allReceived = false;

  constructor(
    job: number,
    kernel: Kernel<unknown>,
    input: unknown,
    star: Star,
    cancelGraceMs: number,
    around: RunSurroundings,
  ) {
    this.#job = job;
    this.#kernel = kernel;
    this.#together = kernel.together ? toRuns(hostNumbers(star.world.hosts)) : undefined;
    this.#star = star;
    this.#around = around;
    this.#cancelGraceMs = cancelGraceMs;
    const parts = this.#scatter(input);
    this.#queue = new PartQueue(kernel.together ? onePerRank(kernel.name, parts, star.world.size) : parts, {
      // Ranks that talk to each other each have a part of their own; one whose host comes back gets it then.
      isLive: (rank) => kernel.together || star.ranks.isLive(rank),
      mayPull: () => this.#mayPull(),
      arrived: () => this.#pumpSoon(),
      failed: (error) => around.failed(driverError(this.#kernel.name, "scatter", error)),
    });
    this.#blocks = new BlockSender(star, job);
    this.#stream = new PartialStream(
      kernel.order,
      () => this.#pump(),
      () => around.starved(),
    );
    this.#batches = new BatchSizes(star.ranks.size);
    this.#partsDone = new Array<number>(star.ranks.size).fill(0);
    void this.#reduce(input);
    queueMicrotask(() => this.resume()); // who spawned the job sees it scatter
  }

  /** `total` is undefined until scatter has yielded its last part, unless it gave an array. */
  get parts(): {
    handedOut: number;
    done: number;
    again: number;
    total: number | undefined;
    perRank: readonly number[];
  } {
    const { pulled, total } = this.#queue;
    return {
      handedOut: pulled,
      done: this.#received,
      again: this.#again,
      total,
      perRank: this.#partsDone,
    };
  }

  /** True when no rank has anything of this job any more. */
  get complete(): boolean {
    return this.#queue.exhausted && this.#queue.waiting === 0 && this.#assignments.size === 0;
  }

  /** Of ranks that talk to each other: reduce has had what this one gave, as far as its order lets it, and waits for more. */
  hasTaken(rank: number): boolean {
    return this.#partsDone[rank]! > 0 && this.#stream.isStarved;
  }

  /** @throws TransportError when the partials can't be read, or are not those of their parts */
  message({ head, value }: Received<JobMessage>): void {
    if (this.#over || head.kind === "Stopped" || head.kind === "Idle") return;
    if (head.kind === "Failure")
      return this.#around.failed(kernelError(this.#kernel.name, this.#star.world.hosts, head));
    this.#settle(head, partialsIn(head, value));
    this.#pump();
  }

  ranksLost(ranks: readonly number[], error: RankLostError): void {
    if (this.#over) return;
    if (this.#together) {
      if (!this.complete) this.#around.failed(error); // else nobody misses it: all have given what they had to give
      return;
    }
    const lost = [...this.#assignments].filter(([, { rank }]) => ranks.includes(rank));
    for (const [id, { parts }] of lost) {
      this.#assignments.delete(id);
      this.#again += parts.size;
      this.#queue.giveBack([...parts.values()]);
      if ([...parts.values()].some(({ losses }) => losses + 1 >= mostLosses)) return this.#around.failed(error);
    }
    for (const rank of ranks) {
      this.#credits.leave(rank);
      this.#queue.rankLost(rank);
    }
    if (this.#star.ranks.liveRanks().length === 0) return this.#around.failed(error);
    this.#pump();
  }

  /** There are ranks again that can be given work. */
  resume(): void {
    if (this.#over) return;
    for (const rank of this.#star.ranks.liveRanks()) this.#credits.enter(rank);
    this.#pump();
  }

  /** Nothing more is handed out, and what arrives is dropped. reduce sees `error`, or the end of the partials. */
  stop(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    if (error === undefined) this.#stream.end();
    else this.#stream.abort(error);
    void Promise.resolve(this.#queue.close()).catch(() => {}); // scatter's own clean-up failed; the outcome stands
  }

  /** Each part of an assignment counts once, and from its own rank only. */
  #settle({ assignment: id, rank, parts, last, computeMs }: PartialHead, partials: readonly unknown[]): void {
    const assignment = this.#assignments.get(id);
    if (assignment?.rank !== rank) return;
    this.#batches.computed(rank, parts.length, computeMs);
    for (const [i, part] of parts.entries()) {
      if (!assignment.parts.delete(part)) continue;
      this.#received += 1;
      this.#partsDone[rank] += 1;
      this.#stream.push(part, partials[i]);
    }
    if (!last) return;
    if (assignment.parts.size > 0)
      throw new TransportError(`the last partials of rank ${rank} came without some before.`);
    this.#assignments.delete(id);
    this.#credits.returned(rank);
    this.#returned(rank);
  }

  #returned(rank: number): void {
    const host = this.#star.hostOf(rank);
    if (host === undefined) return;
    this.tally.returned(host);
    if (this.tally.hasGivenAll(host)) this.#star.owesNothing(host);
  }

  #scatter(input: unknown): Iterable<unknown> | AsyncIterable<unknown> {
    let parts: unknown;
    try {
      parts = this.#kernel.scatter(input, this.#star.world);
    } catch (error) {
      throw driverError(this.#kernel.name, "scatter", error);
    }
    if (isIterable(parts)) return parts;
    throw new UsageError(
      `scatter of kernel "${this.#kernel.name}" must yield parts (*scatter) or return something iterable, got ${shown(parts)}.`,
    );
  }

  async #reduce(input: unknown): Promise<void> {
    const context: ReduceContext = {
      world: this.#star.world,
      cancelRest: this.#around.cancelRest,
      note: this.#around.note,
    };
    try {
      await undefined; // one that calls cancelRest at once must find the job under way
      const result = await this.#kernel.reduce(this.#stream, input, context);
      this.#around.reduced(result);
    } catch (error) {
      this.#around.failed(driverError(this.#kernel.name, "reduce", error));
    }
  }

  /** Hands out parts until every rank has its credit, or there are none at the moment. Scatter may call back in here. */
  #pump(): void {
    this.#pumpAgain = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#pumpAgain && !this.#over) {
        this.#pumpAgain = false;
        this.#handOutAll();
      }
    } catch (error) {
      this.#around.failed(driverError(this.#kernel.name, "scatter", error));
    } finally {
      this.#pumping = false;
    }
  }

  /** Parts that arrive in the same turn of the event loop are handed out together. */
  #pumpSoon(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.resume();
    });
  }

  #handOutAll(): void {
    let rank = this.#credits.first();
    while (rank !== undefined && this.#handOut(rank)) rank = this.#credits.first();
    // There is nothing more for everybody. Who has not asked yet asks once, for scatter to know how much is wanted.
    for (const each of this.#credits.takeFresh()) this.#handOut(each);
    for (const each of this.#queue.placesAmong(this.#credits)) while (this.#credits.has(each) && this.#handOut(each));
    if (this.#over) return;
    if (this.#queue.exhausted && this.#queue.waiting === 0 && !this.#together) this.#close();
    this.#tellProgress();
  }

  /** Tells all hosts that nothing more comes, unless another is lost. Ranks that talk to each other are asked at the end. */
  #close(): void {
    for (const host of this.#star.liveHosts())
      if (this.tally.close(host)) this.#star.send(host, { kind: "Last", job: this.#job });
  }

  /** False when there is nothing for this rank now. */
  #handOut(rank: number): boolean {
    const host = this.#star.hostOf(rank);
    if (host === undefined || this.#over) return false;
    const parts = this.#queue.take(rank, this.#batches.next(rank));
    if (parts.length === 0 || this.#over) return false;
    this.#send(host, rank, parts);
    return true;
  }

  #send(host: string, rank: number, parts: readonly QueuedPart[]): void {
    const { encoded, blocks } = this.#blocks.encodeFor(
      host,
      parts.map(({ value }) => value),
    );
    const assignment = ++this.#lastAssignment;
    this.#assignments.set(assignment, { rank, parts: new Map(parts.map((part) => [part.number, part])) });
    const { name, module } = this.#kernel;
    const bytes = this.#star.send(
      host,
      {
        kind: "Scatter",
        job: this.#job,
        rank,
        assignment,
        kernel: { name, module },
        parts: parts.map(({ number }) => number),
        blocks,
        cancelGraceMs: this.#cancelGraceMs,
        together: this.#together ?? null,
      },
      encoded,
    );
    this.tally.given(host, blocks.length > 0);
    this.#batches.sent(rank, parts.length, bytes);
    this.#credits.given(rank);
  }

  /** reduce that is slower than the ranks holds scatter back; so does a part that all others wait for. */
  #mayPull(): boolean {
    return !this.#over && this.#stream.waiting < 64 + 4 * credit * this.#batches.sum;
  }

  #tellProgress(): void {
    if (!this.#handedOut) {
      this.#handedOut = true;
      this.#around.handedOut();
    }
    if (!this.complete || this.#allReceived) return;
    this.#allReceived = true;
    this.#stream.end();
    this.#around.received();
  }
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** One for each part. */
function partialsIn({ rank, parts }: PartialHead, value: EncodedValue | undefined): readonly unknown[] {
  try {
    const partials: unknown = value && decodeValue(openValue(value.head), value.raws);
    if (Array.isArray(partials) && partials.length === parts.length) return partials;
  } catch (cause) {
    throw new TransportError(`the partials of rank ${rank} could not be read.`, { cause });
  }
  throw new TransportError(`the partials of rank ${rank} are not one for each part.`);
}
