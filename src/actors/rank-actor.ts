/**
 * A running rank: the rank machine with a real compute thread and a real way back to the driver. What the machine asks for
 * happens here, and what happens comes back to the machine as facts. It lives in a host process's main thread.
 */
import { type Actor, type AnyActorRef, createActor, type InspectionEvent, type Observer } from "xstate";
import type { Standing } from "../comm/wait-for.ts";
import { ComputeThread } from "../host/compute-thread.ts";
import type { ModuleRoot } from "../thread/module-roots.ts";
import { type Loss, RankMemory } from "../thread/rank-memory.ts";
import type { ComputeRequest, Response, WindowMessage } from "../thread/thread-protocol.ts";
import type { ErrorRecord } from "../wire/error-codec.ts";
import type { EncodedValue } from "../wire/value-codec.ts";
import { withQuickSteps } from "./quick-steps.ts";
import { rankMachine, type StateReport } from "./rank-machine.ts";

/** What a rank needs of its host process. */
export interface RankSurroundings {
  reportState(rank: number, report: StateReport): void;
  /** Hands it to the transport, which keeps the order. */
  sendPartial(partial: OutgoingPartial): void;
  sendFailure(failure: OutgoingFailure): void;
  /** The rank has become idle. */
  becameIdle(rank: number): void;
  /** Its compute thread has ended; the next one knows nothing of what this one was given. */
  threadEnded(rank: number): void;
  printed(rank: number, stream: "stdout" | "stderr", text: string): void;
  stands(rank: number, job: number, standing: Standing | undefined): void;
  windowChanged(message: WindowMessage): void;
}

export interface OutgoingPartial {
  readonly job: number;
  readonly rank: number;
  readonly assignment: number;
  readonly parts: readonly number[];
  readonly last: boolean;
  readonly computeMs: number;
  readonly values: EncodedValue;
}

export interface OutgoingFailure {
  readonly job: number;
  readonly rank: number;
  readonly assignment: number;
  readonly part: number | null;
  readonly error: ErrorRecord;
}

export interface RankOptions {
  readonly rank: number;
  readonly size: number;
  readonly host: string;
  readonly threads: number;
  readonly rankMemoryMb: number | undefined;
  readonly nice: number;
  /** Where modules of the driver lie here, when not at the same path. */
  readonly roots?: readonly ModuleRoot[] | undefined;
  readonly inspect?: Observer<InspectionEvent> | undefined;
}

/** An assignment whose bytes have arrived. */
export interface Work {
  readonly job: number;
  readonly assignment: number;
  readonly parts: readonly number[];
  readonly cancelGraceMs: number;
  /** Made when the thread takes it: which shared values the thread still needs is known only then. */
  request(): ComputeRequest;
}

export class RankActor {
  static readonly #ofActor = new WeakMap<AnyActorRef, RankActor>();
  /** One machine for all ranks: to make one takes long. */
  static readonly #machine = withQuickSteps(
    rankMachine.provide({
      actions: {
        reportState: ({ self }, report) => RankActor.#of(self).#reportState(report),
        startKernel: ({ self }, { assignment }) => RankActor.#of(self).#startKernel(assignment),
        sendPartial: ({ self }) => RankActor.#of(self).#sendPartial(),
        sendFailure: ({ self }, failure) => RankActor.#of(self).#failed(failure),
        requestStop: ({ self }, { job }) => RankActor.#of(self).#requestStop(job),
        terminateThread: ({ self }, { job }) => RankActor.#of(self).#terminateThread(job),
      },
    }),
  );
  readonly rank: number;
  readonly memory = new RankMemory();
  readonly #around: RankSurroundings;
  readonly #thread: ComputeThread;
  readonly #actor: Actor<typeof rankMachine>;
  readonly #work = new Map<number, Work>();
  #lastPartial: OutgoingPartial | undefined;
  /** What the thread computes now; undefined while it waits. */
  #running: Work | undefined;

  constructor({ inspect, ...options }: RankOptions, around: RankSurroundings) {
    this.rank = options.rank;
    this.#around = around;
    this.#thread = new ComputeThread(
      { ...options, memory: this.memory },
      {
        responded: (response) => this.#responded(response),
        died: (error) => this.#died(error),
        printed: (stream, text) => around.printed(this.rank, stream, text),
        stands: (job, standing) => around.stands(this.rank, job, standing),
        windowChanged: (message) => around.windowChanged(message),
      },
    );
    this.#actor = createActor(RankActor.#machine, {
      input: { rank: options.rank },
      id: `rank ${options.rank}`,
      ...(inspect && { inspect }),
    });
    RankActor.#ofActor.set(this.#actor, this);
    this.#actor.start();
  }

  /** Starts the compute thread ahead of its first work. */
  warmUp(): void {
    this.#thread.start();
  }

  receive(work: Work): void {
    const { job, assignment, parts, cancelGraceMs } = work;
    this.#work.set(assignment, work);
    this.#actor.send({ type: "part.received", job, assignment, part: parts[0], cancelGraceMs });
  }

  /** @param lost the rank that others miss, when that is why */
  cancel(job: number, reason: string, force: boolean, lost?: Loss): void {
    if (!this.memory.isCancelled(job)) this.memory.loss = lost;
    this.memory.cancelUpTo(job);
    this.#actor.send({ type: "job.cancel", job, reason, force });
  }

  /** True when the rank does or holds nothing for this job or an earlier one. */
  isDoneWith(job: number): boolean {
    const { current, queued } = this.#actor.getSnapshot().context;
    return !(current && current.job <= job) && !queued.some((assignment) => assignment.job <= job);
  }

  /** The job has ended: nothing of it is kept, here and, if it was given shared values, in the thread. */
  forget(job: number, hasBlocks: boolean): void {
    for (const [assignment, work] of this.#work) if (work.job <= job) this.#work.delete(assignment);
    this.memory.resetProgress();
    if (hasBlocks) this.#thread.send({ kind: "Request", ask: "forget" });
  }

  async close(): Promise<void> {
    this.#actor.stop();
    this.#running = undefined;
    await this.#thread.terminate();
  }

  static #of(actor: AnyActorRef): RankActor {
    return RankActor.#ofActor.get(actor)!;
  }

  #reportState(report: StateReport): void {
    if (report.job === 0) return; // the start of the actor is no news
    this.#around.reportState(this.rank, report);
    // After the transition: whether the rank is done is asked of its snapshot.
    if (report.to === "idle") queueMicrotask(() => this.#around.becameIdle(this.rank));
  }

  #startKernel(assignment: number): void {
    const work = this.#work.get(assignment);
    this.#work.delete(assignment);
    if (!work) return;
    this.#running = work;
    this.#thread.send(work.request());
  }

  #responded(response: Response): void {
    const work = this.#running;
    if (!work || work.job !== response.job) return;
    switch (response.what) {
      case "started":
        return this.#actor.send({ type: "kernel.started", job: work.job });
      case "partials":
        return this.#respondedPartials(work, response);
      case "failed":
        this.#running = undefined;
        return this.#actor.send({
          type: "kernel.failed",
          job: work.job,
          part: response.part === null ? null : work.parts[response.part],
          error: response.error,
        });
      case "stopped":
        this.#running = undefined;
        return this.#actor.send({ type: "compute.stopped", job: work.job, forced: false });
    }
  }

  #respondedPartials(work: Work, response: Extract<Response, { what: "partials" }>): void {
    const { first, count, last, computeMs, values } = response;
    const { job, assignment } = work;
    const parts = work.parts.slice(first, first + count);
    const partial: OutgoingPartial = { job, rank: this.rank, assignment, parts, last, computeMs, values };
    if (!last) {
      if (!this.memory.isCancelled(job)) this.#around.sendPartial(partial);
      return;
    }
    this.#running = undefined;
    this.#lastPartial = partial;
    this.#actor.send({ type: "kernel.finished", job });
  }

  #sendPartial(): void {
    const partial = this.#lastPartial;
    this.#lastPartial = undefined;
    if (!partial) return;
    this.#around.sendPartial(partial);
    this.#sent(partial.job);
  }

  #failed(failure: Omit<OutgoingFailure, "rank">): void {
    this.#around.sendFailure({ ...failure, rank: this.rank });
    this.#sent(failure.job);
  }

  /** The transport has it: after the transition in which it was handed over. */
  #sent(job: number): void {
    queueMicrotask(() => this.#actor.send({ type: "partial.sent", job }));
  }

  /** A running thread sees the flag in shared memory and answers; without one there is nothing to wait for. */
  #requestStop(job: number): void {
    if (!this.#running) queueMicrotask(() => this.#actor.send({ type: "compute.stopped", job, forced: false }));
  }

  #terminateThread(job: number): void {
    this.#running = undefined;
    this.#around.threadEnded(this.rank);
    void this.#thread.terminate().then(() => this.#actor.send({ type: "compute.stopped", job, forced: true }));
  }

  #died(error: ErrorRecord): void {
    const work = this.#running;
    this.#running = undefined;
    this.#around.threadEnded(this.rank);
    if (!work) return;
    if (this.memory.isCancelled(work.job)) this.#actor.send({ type: "compute.stopped", job: work.job, forced: false });
    else this.#actor.send({ type: "kernel.failed", job: work.job, part: work.parts[0], error });
  }
}
