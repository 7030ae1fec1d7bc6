/**
 * The state machine of a rank: idle → scattering → computing → reducing → idle, and cancelled from any of them. It decides
 * and asks; it touches no socket, thread or clock (rank-actor.ts provides those). Bytes go round it: events carry numbers,
 * short texts and error records.
 *
 * Every fact names its job, so that late traffic of an earlier job changes nothing.
 */
import { assign, raise, setup } from "xstate";
import type { ErrorRecord } from "../wire/error-codec.ts";
import type { RankStateName } from "../wire/messages.ts";
import { unprovided } from "./unprovided.ts";

/** Some parts of one job, handed to this rank together. */
export interface Assignment {
  readonly job: number;
  readonly assignment: number;
  /** The number of its first part. */
  readonly part: number;
  /** How long a cancelled kernel may go on before it loses its thread, in ms. */
  readonly cancelGraceMs: number;
}

export interface RankMachineContext {
  readonly rank: number;
  /** What this rank works on; null when it is idle. */
  readonly current: Assignment | null;
  readonly queued: readonly Assignment[];
  /** The last job that was cancelled; what comes for it or for an earlier one is late. */
  readonly cancelledJob: number;
  /** True when the thread had to be ended by force to stop the current job. */
  readonly forced: boolean;
}

export type RankEvent =
  | ({ readonly type: "part.received" } & Assignment)
  | { readonly type: "kernel.started"; readonly job: number }
  | { readonly type: "kernel.finished"; readonly job: number }
  | { readonly type: "kernel.failed"; readonly job: number; readonly part: number | null; readonly error: ErrorRecord }
  | { readonly type: "partial.sent"; readonly job: number }
  | { readonly type: "job.cancel"; readonly job: number; readonly reason: string; readonly force: boolean }
  | { readonly type: "compute.stopped"; readonly job: number; readonly forced: boolean };

/** A transition as it is reported to the driver. */
export interface StateReport {
  readonly to: RankStateName;
  readonly job: number;
  readonly part: number | null;
  readonly event: string;
  readonly forced: boolean;
  /** Why: the reason of a cancel, the words of a failure; null where the event says nothing. At most `longestCause` characters. */
  readonly cause: string | null;
}

/** As messages.ts checks it: a report that is refused at the driver would take the rank's other transitions with it. */
const longestCause = 1000;

const actions = unprovided(
  ["startKernel", "sendPartial", "sendFailure", "requestStop", "terminateThread", "reportState"],
  "src/actors/rank-actor.ts",
);

const rankSetup = setup({
  types: {
    context: {} as RankMachineContext,
    events: {} as RankEvent,
    input: {} as { readonly rank: number },
  },
  actions: {
    startKernel: actions.startKernel as (_: unknown, params: { job: number; assignment: number }) => void,
    sendPartial: actions.sendPartial as (_: unknown, params: { job: number; assignment: number }) => void,
    sendFailure: actions.sendFailure as (
      _: unknown,
      params: { job: number; assignment: number; part: number | null; error: ErrorRecord },
    ) => void,
    requestStop: actions.requestStop as (_: unknown, params: { job: number }) => void,
    terminateThread: actions.terminateThread as (_: unknown, params: { job: number }) => void,
    reportState: actions.reportState as (_: unknown, params: StateReport) => void,
    enqueue: assign({
      queued: ({ context, event }) =>
        event.type === "part.received" ? [...context.queued, assignmentOf(event)] : context.queued,
    }),
    takeGiven: assign(({ event }) => (event.type === "part.received" ? { current: assignmentOf(event) } : {})),
    takeNext: assign(({ context: { queued } }) => ({ current: queued[0] ?? null, queued: queued.slice(1) })),
    noteCancel: assign({
      cancelledJob: ({ context, event }) =>
        event.type === "job.cancel" ? Math.max(context.cancelledJob, event.job) : context.cancelledJob,
      queued: ({ context, event }) =>
        event.type === "job.cancel" ? context.queued.filter(({ job }) => job > event.job) : context.queued,
    }),
    noteForced: assign({ forced: ({ event }) => event.type === "compute.stopped" && event.forced }),
    letGo: assign({ current: null, forced: false }),
  },
  guards: {
    isForCurrentJob: ({ context, event }) => context.current?.job === event.job,
    isNotCancelled: ({ context, event }) => event.job > context.cancelledJob,
    stopsCurrentJob: ({ context, event }) =>
      event.type === "job.cancel" && context.current !== null && context.current.job <= event.job,
    hasQueued: ({ context }) => context.queued.length > 0,
    forcesCurrentJob: ({ context, event }) =>
      event.type === "job.cancel" && event.force && context.current !== null && context.current.job <= event.job,
  },
  delays: {
    cancelGrace: ({ context }) => context.current?.cancelGraceMs ?? 0,
  },
});

const kernelFailed = {
  guard: "isForCurrentJob",
  target: "reducing",
  actions: {
    type: "sendFailure",
    params: ({
      context,
      event,
    }: {
      context: RankMachineContext;
      event: Extract<RankEvent, { type: "kernel.failed" }>;
    }) => ({
      ...currentOf(context),
      part: event.part,
      error: event.error,
    }),
  },
} as const;

/** The chart of a rank. `createActor(rankMachine.provide({ actions }), { input: { rank } })` runs one. */
export const rankMachine = rankSetup.createMachine({
  id: "rank",
  context: ({ input }) => ({ rank: input.rank, current: null, queued: [], cancelledJob: 0, forced: false }),
  initial: "idle",
  on: {
    "part.received": { guard: "isNotCancelled", actions: "enqueue" },
    "job.cancel": [
      // Once more when it is cancelled, where force means what it says.
      { guard: "forcesCurrentJob", target: ".cancelled", actions: ["noteCancel", raise(({ event }) => event)] },
      { guard: "stopsCurrentJob", target: ".cancelled", actions: "noteCancel" },
      { actions: "noteCancel" },
    ],
  },
  states: {
    idle: {
      entry: [{ type: "reportState", params: (args) => reported("idle", args) }, "letGo"],
      on: { "part.received": { guard: "isNotCancelled", target: "scattering", actions: "takeGiven" } },
      always: { guard: "hasQueued", target: "scattering", actions: "takeNext" },
    },
    scattering: {
      entry: [
        { type: "reportState", params: (args) => reported("scattering", args) },
        { type: "startKernel", params: ({ context }) => currentOf(context) },
      ],
      on: {
        "kernel.started": { guard: "isForCurrentJob", target: "computing" },
        "kernel.failed": kernelFailed,
      },
    },
    computing: {
      entry: { type: "reportState", params: (args) => reported("computing", args) },
      on: {
        "kernel.finished": {
          guard: "isForCurrentJob",
          target: "reducing",
          actions: { type: "sendPartial", params: ({ context }) => currentOf(context) },
        },
        "kernel.failed": kernelFailed,
      },
    },
    reducing: {
      entry: { type: "reportState", params: (args) => reported("reducing", args) },
      on: {
        "partial.sent": { guard: "isForCurrentJob", target: "idle" },
      },
    },
    cancelled: {
      entry: [
        { type: "reportState", params: (args) => reported("cancelled", args) },
        { type: "requestStop", params: ({ context }) => currentOf(context) },
      ],
      after: { cancelGrace: { actions: { type: "terminateThread", params: ({ context }) => currentOf(context) } } },
      on: {
        // Not left and entered again: a second cancel must not start the grace anew.
        "job.cancel": [
          {
            guard: "forcesCurrentJob",
            actions: ["noteCancel", { type: "terminateThread", params: ({ context }) => currentOf(context) }],
          },
          { actions: "noteCancel" },
        ],
        "compute.stopped": { guard: "isForCurrentJob", target: "idle", actions: "noteForced" },
        // The kernel came to its end just when the cancel came: it has stopped, and what it found is of no use.
        "kernel.finished": { guard: "isForCurrentJob", target: "idle" },
        "kernel.failed": { guard: "isForCurrentJob", target: "idle" },
      },
    },
  },
});

function assignmentOf({ job, assignment, part, cancelGraceMs }: Assignment): Assignment {
  return { job, assignment, part, cancelGraceMs };
}

function currentOf({ current }: RankMachineContext): { job: number; assignment: number } {
  return { job: current?.job ?? 0, assignment: current?.assignment ?? 0 };
}

function reported(
  to: RankStateName,
  { context, event }: { context: RankMachineContext; event: RankEvent },
): StateReport {
  return {
    to,
    job: context.current?.job ?? 0,
    part: context.current?.part ?? null,
    event: event.type,
    forced: context.forced,
    cause: causeOf(event),
  };
}

function causeOf(event: RankEvent): string | null {
  if (event.type === "job.cancel") return event.reason.slice(0, longestCause);
  return event.type === "kernel.failed" ? event.error.message.slice(0, longestCause) : null;
}
