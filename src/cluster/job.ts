/**
 * A job as the user holds it: spawn gives one, its state machine can be inspected, and a cancel event sent to it. It joins
 * the job machine, which decides, with the run, which works, and with the wind-down of the ranks.
 */
import { type Actor, createActor, type InspectionEvent, type Observer } from "xstate";
import { type JobEvent, type JobStateName, jobFailed, jobMachine } from "../actors/job-machine.ts";
import { withListener, withQuickSteps } from "../actors/quick-steps.ts";
import { expected, RankLostError, shown, UsageError } from "../errors.ts";
import type { Kernel } from "../kernels/define-kernel.ts";
import { errorFromRecord } from "../wire/error-codec.ts";
import { DeadlockWatch } from "./deadlock-watch.ts";
import { JobAccount } from "./job-account.ts";
import type { CancelEvent, JobObserver, JobSnapshot, JobStats } from "./job-facts.ts";
import { JobLimits } from "./job-limits.ts";
import { JobNews } from "./job-news.ts";
import { JobObservers } from "./job-observers.ts";
import type { JobOptions } from "./job-options.ts";
import { JobOutcome } from "./job-outcome.ts";
import { JobRun } from "./job-run.ts";
import type { Star } from "./star.ts";
import { type RecordObserver, Story, type TransitionRecord } from "./story.ts";
import { StoryWriter } from "./story-writer.ts";
import { WindDown } from "./wind-down.ts";

export type { CancelEvent, JobObserver, JobSnapshot, JobStats } from "./job-facts.ts";

/** What the cluster hears from its job. */
export interface JobHooks {
  settled(): void;
  inspect: Observer<InspectionEvent> | undefined;
}

const noReason = "no reason given";

/** A job that `spawn` has made: its result, its state machine, what happens in it, and how to cancel it. */
export class Job<Result = unknown> {
  static readonly #ofActor = new WeakMap<object, Job>();
  /** One machine for all jobs: to make one costs more than a small job does. */
  static readonly #machine = withListener(
    withQuickSteps(
      jobMachine.provide({
        actions: {
          startRun: ({ self }) => Job.#ofActor.get(self)!.#startRun(),
          stopRanks: ({ self, event }, { reason }) => Job.#ofActor.get(self)!.#actorStopped(event, reason),
        },
      }),
    ),
    (actor, { type }) => Job.#ofActor.get(actor)!.#writer.heard(type),
  );
  /** The kernel's name and the job's number: `primeSearch#3`. */
  readonly id: string;
  /** The job's state machine, running: for `waitFor`, `inspect` and other tools of XState. */
  readonly actor: Actor<typeof jobMachine>;
  /** Settles when the outcome is known and every rank is idle again. */
  readonly result: Promise<Result>;
  /** Which one it is on its cluster, from 1. */
  readonly number: number;
  /** What the star tells goes here. @internal */
  readonly news: JobNews;
  readonly #kernel: Kernel<unknown>;
  readonly #input: unknown;
  readonly #options: JobOptions;
  readonly #star: Star;
  readonly #hooks: JobHooks;
  readonly #story: Story;
  readonly #writer: StoryWriter;
  readonly #account: JobAccount;
  readonly #observers = new JobObservers();
  readonly #outcome: JobOutcome<Result>;
  readonly #limits: JobLimits;
  #run: JobRun | undefined;
  #windDown: WindDown | undefined;
  /** Of a job whose ranks talk to each other. */
  #watch: DeadlockWatch | undefined;

  constructor(
    number: number,
    kernel: Kernel<unknown>,
    input: unknown,
    options: JobOptions,
    star: Star,
    hooks: JobHooks,
  ) {
    this.number = number;
    this.id = `${kernel.name}#${number}`;
    this.#kernel = kernel;
    this.#input = input;
    this.#options = options;
    this.#star = star;
    this.#hooks = hooks;
    if (kernel.together && options.detectDeadlocks)
      this.#watch = new DeadlockWatch(
        number,
        star.world.size,
        { hasTaken: (rank) => this.#run?.hasTaken(rank) ?? false },
        (error) => this.fail(error),
      );
    this.#story = new Story(this.id, options.keepTransitions);
    this.#writer = new StoryWriter(this.#story, star.world.hosts);
    this.#outcome = new JobOutcome(this.id);
    this.result = this.#outcome.result;
    this.#account = new JobAccount(this.id, kernel.name, {
      star,
      machine: () => this.actor.getSnapshot(),
      parts: () => this.#run?.parts,
    });
    this.actor = createActor(Job.#machine, {
      input: { job: number, kernel: kernel.name },
      id: this.id,
      ...(hooks.inspect && { inspect: hooks.inspect }),
    });
    this.news = new JobNews({
      job: number,
      star,
      story: this.#writer,
      watch: this.#watch,
      together: kernel.together,
      run: () => this.#run,
      windDown: () => this.#windDown,
      rankLost: (rank) => this.actor.send({ type: "rank.lost", rank }),
      fail: (error) => this.fail(error),
      changed: () => this.#notify(),
    });
    Job.#ofActor.set(this.actor, this as Job);
    this.actor.subscribe((snapshot) => {
      this.#writer.jobMoved(snapshot);
      this.#entered(snapshot.value as JobStateName);
    });
    this.actor.start();
    this.#limits = new JobLimits(options, (reason, cause) => this.#cancel({ type: "job.cancel", reason }, cause));
  }

  /** The job and all its ranks, now. */
  getSnapshot(): JobSnapshot {
    return this.#account.snapshot;
  }

  /** Calls the observer with a snapshot on every change of the job or of a rank; `complete` when the job has settled. */
  subscribe(observer: JobObserver): { unsubscribe(): void } {
    return this.#observers.add(observer);
  }

  /**
   * Calls the observer with a record of every transition of the job and of its ranks, as they become known; `complete` when
   * the job has settled. Costs nothing measurable where nobody observes.
   *
   * @param options `fromStart: true` tells what is kept of the past first
   */
  inspect(observer: RecordObserver, { fromStart = false }: { fromStart?: boolean } = {}): { unsubscribe(): void } {
    return this.#story.observe(observer, fromStart);
  }

  /**
   * What has happened so far, oldest first: the last `keepTransitions` (200) transitions of the job and of each rank.
   *
   * @param last fewer of each
   */
  story(last?: number): TransitionRecord[] {
    return this.#story.records(last);
  }

  /** For whoever keeps it beyond the job. @internal */
  get kept(): Story {
    return this.#story;
  }

  /**
   * Sends the job an event. It takes `{ type: "job.cancel", reason?, force? }`; on a job that is over it changes nothing.
   * @throws UsageError for any other event
   */
  send(event: CancelEvent): void {
    if (typeof event !== "object" || event === null || event.type !== "job.cancel")
      throw new UsageError(`a job takes the event { type: "job.cancel", reason?, force? }, got ${shown(event)}.`);
    if (event.reason !== undefined && typeof event.reason !== "string")
      throw expected("reason", "a string", event.reason);
    if (event.force !== undefined && typeof event.force !== "boolean")
      throw expected("force", "true or false", event.force);
    this.#cancel(event, undefined);
  }

  /** As `send({ type: "job.cancel", reason, force })`. */
  cancel(reason?: string, options: { force?: boolean } = {}): void {
    this.send({ type: "job.cancel", ...(reason !== undefined && { reason }), ...options });
  }

  /** What it has cost so far, and in all when it is over: times, messages and bytes, parts by rank, notes of its kernel. */
  get stats(): JobStats {
    return this.#account.stats;
  }

  /** The cluster is this job's now. @internal */
  start(): void {
    if (this.actor.getSnapshot().status !== "active") return;
    this.#star.ranks.startJob(this.number, performance.timeOrigin + this.#account.times.begin());
    this.#limits.start();
    this.actor.send({ type: "job.start" });
  }

  /** The cluster can't go on: the job fails with this. @internal */
  fail(error: unknown): void {
    if (this.#outcome.fail(error)) this.actor.send(jobFailed(error));
  }

  #actorStopped(event: JobEvent, reason: string): void {
    this.#adopt(event);
    this.#stopRanks(reason);
  }

  /** An event may have come to the actor itself, by XState's own tools: it decides as one that came to the job. */
  #adopt(event: JobEvent): void {
    if (this.#outcome.isDecided) return;
    if (event.type === "job.cancel") this.#outcome.cancel(event.reason ?? noReason);
    if (event.type === "job.failed") this.#outcome.fail(errorFromRecord(event.error));
  }

  #startRun(): void {
    try {
      this.#run = new JobRun(this.number, this.#kernel, this.#input, this.#star, this.#options.cancelGraceMs, {
        handedOut: () => this.actor.send({ type: "parts.handedOut" }),
        received: () => this.actor.send({ type: "partials.received" }),
        reduced: (value) => void (this.#outcome.succeed(value) && this.actor.send({ type: "reduce.finished" })),
        starved: () => this.#watch?.reduceStarved(),
        failed: (error) => this.fail(error),
        cancelRest: (reason) => this.#cancelRest(reason),
        note: (name, text) => this.#account.note(name, text),
      });
    } catch (error) {
      queueMicrotask(() => this.fail(error));
    }
  }

  #cancel(event: CancelEvent, cause: unknown): void {
    const { reason = noReason } = event;
    if (this.#outcome.cancel(reason, cause)) this.actor.send({ ...event, reason });
    if (event.force) this.#force(reason);
  }

  #force(reason: string): void {
    this.#outcome.force();
    this.#windDown?.force(reason);
  }

  #stopRanks(reason: string): void {
    this.#windDown ??= new WindDown(
      this.#star,
      this.number,
      this.#run?.complete ? undefined : { reason, force: false, lost: this.#missedRank },
      this.#run?.tally,
    );
    this.#run?.stop(this.#outcome.error);
  }

  /** The lost rank that ended a job whose ranks talk to each other. */
  get #missedRank(): RankLostError | undefined {
    const { error } = this.#outcome;
    return this.#kernel.together && error instanceof RankLostError ? error : undefined;
  }

  async #cancelRest(reason: string): Promise<{ elapsedMs: number; progressByRank: readonly number[] }> {
    const from = performance.now();
    this.actor.send({ type: "rest.cancelled", reason });
    await this.#windDown?.finished;
    return {
      elapsedMs: performance.now() - from,
      progressByRank: this.#star.ranks.snapshot().map(({ progress }) => progress.done),
    };
  }

  #entered(state: JobStateName): void {
    this.#account.times.entered(state);
    this.#notify();
    const { status, context } = this.actor.getSnapshot();
    if (status !== "done") return;
    // Only where the event came to the actor itself, and to a job that had not begun.
    if (context.error) this.#adopt({ type: "job.failed", error: context.error });
    else this.#adopt({ type: "job.cancel", reason: context.reason ?? noReason });
    void this.#settle();
  }

  async #settle(): Promise<void> {
    await this.#windDown?.finished;
    this.#account.close();
    this.#limits.close();
    this.#watch?.close();
    this.news.close();
    this.#hooks.settled();
    this.#notify();
    this.#observers.end();
    this.#story.end();
    this.#outcome.settle(this.#windDown?.forcedRanks ?? []);
  }

  #notify(): void {
    this.#observers.tell(() => this.getSnapshot());
  }
}
