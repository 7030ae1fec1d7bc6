/**
 * The state machine of a job at the driver: idle → scattering → computing → reducing → done, or failed, or cancelled. It
 * decides the outcome, once; handing out parts, reducing and stopping the ranks happen round it (job-run.ts).
 * The outcome is decided at once; the job's result settles when every rank is idle again.
 */
import { assign, setup } from "xstate";
import type { ErrorRecord } from "../wire/error-codec.ts";
import { errorToRecord } from "../wire/error-codec.ts";
import { unprovided } from "./unprovided.ts";

export type JobStateName = "idle" | "scattering" | "computing" | "reducing" | "done" | "failed" | "cancelled";

export interface JobMachineContext {
  readonly job: number;
  readonly kernel: string;
  /** Why it was cancelled, or why the rest of it was. */
  readonly reason: string | null;
  /** The first cause of its failure. */
  readonly error: ErrorRecord | null;
  /** Ranks lost during this job. */
  readonly lostRanks: readonly number[];
}

export type JobEvent =
  | { readonly type: "job.start" }
  | { readonly type: "job.cancel"; readonly reason?: string; readonly force?: boolean }
  /** Every rank has had its first parts, or there are no more. */
  | { readonly type: "parts.handedOut" }
  | { readonly type: "partials.received" }
  /** reduce has its result; what still runs is cancelled. */
  | { readonly type: "reduce.finished" }
  /** reduce asked for the rest to be cancelled, but has not returned yet. */
  | { readonly type: "rest.cancelled"; readonly reason: string }
  | { readonly type: "job.failed"; readonly error: ErrorRecord }
  | { readonly type: "rank.lost"; readonly rank: number };

const actions = unprovided(["startRun", "stopRanks"], "src/cluster/job.ts");

const jobSetup = setup({
  types: {
    context: {} as JobMachineContext,
    events: {} as JobEvent,
    input: {} as { readonly job: number; readonly kernel: string },
  },
  actions: {
    startRun: actions.startRun as () => void,
    /** Cancels what still runs on any rank, by broadcast, and has every rank confirm that it is idle. */
    stopRanks: actions.stopRanks as (_: unknown, params: { reason: string }) => void,
    noteReason: assign({ reason: ({ event }) => ("reason" in event && event.reason) || "no reason given" }),
    noteError: assign({ error: ({ event }) => ("error" in event ? event.error : null) }),
    noteLost: assign({
      lostRanks: ({ context, event }) =>
        event.type === "rank.lost" ? [...context.lostRanks, event.rank] : context.lostRanks,
    }),
  },
});

const cancelledByUser = {
  type: "stopRanks",
  params: ({ context }: { context: JobMachineContext }) => ({ reason: context.reason ?? "" }),
} as const;
const endedBy = (reason: string) => ({ type: "stopRanks", params: { reason } }) as const;

/** What ends a job in any of its active states. */
const endings = {
  "job.cancel": { target: "cancelled", actions: ["noteReason", cancelledByUser] },
  "job.failed": { target: "failed", actions: ["noteError", endedBy("the job failed")] },
  "reduce.finished": { target: "done", actions: endedBy("reduce has its result") },
  "rest.cancelled": { target: "reducing", actions: ["noteReason", cancelledByUser] },
  "rank.lost": { actions: "noteLost" },
} as const;

/** The chart of a job. */
export const jobMachine = jobSetup.createMachine({
  id: "job",
  context: ({ input }) => ({ ...input, reason: null, error: null, lostRanks: [] }),
  initial: "idle",
  states: {
    idle: {
      on: {
        "job.start": "scattering",
        "job.cancel": { target: "cancelled", actions: "noteReason" },
        "job.failed": { target: "failed", actions: "noteError" },
      },
    },
    scattering: { entry: "startRun", on: { ...endings, "parts.handedOut": "computing" } },
    computing: { on: { ...endings, "partials.received": "reducing" } },
    reducing: { on: endings },
    done: { type: "final" },
    failed: { type: "final" },
    cancelled: { type: "final" },
  },
});

/** A failure as the machine takes it. */
export function jobFailed(error: unknown): Extract<JobEvent, { type: "job.failed" }> {
  return { type: "job.failed", error: errorToRecord(error) };
}
