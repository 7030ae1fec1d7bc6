/**
 * A job and its ranks, on all hosts, in the protocol of Stately's inspector (https://github.com/statelyai/inspect), made from the
 * job's records: `import { toStately } from "mpits/stately"`. Nothing else in this package loads it, and it loads nothing of theirs.
 */
import { jobMachine } from "../actors/job-machine.ts";
import { rankMachine } from "../actors/rank-machine.ts";
import type { Job } from "../cluster/job.ts";
import type { TransitionRecord } from "../cluster/story.ts";

interface Common {
  readonly _version: string;
  /** The job's. */
  readonly rootId: string;
  readonly sessionId: string;
  /** In ms since 1970. */
  readonly createdAt: string;
  readonly id: string;
}

interface Shown {
  readonly status: "active" | "done" | "error";
  readonly value: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export type StatelyEvent = Common &
  (
    | {
        readonly type: "@xstate.actor";
        readonly name: string;
        readonly parentId: string | undefined;
        readonly definition: string;
        readonly snapshot: Shown;
      }
    | {
        readonly type: "@xstate.event";
        readonly event: { readonly type: string };
        readonly sourceId: string | undefined;
      }
    | {
        readonly type: "@xstate.snapshot";
        readonly event: { readonly type: string };
        readonly snapshot: Shown & Untyped;
      }
  );

/** What the protocol's type asks of a snapshot beside what is sent. */
interface Untyped {
  readonly output: undefined;
  readonly error: undefined;
}

/** Who takes the events: the `adapter` of an inspector of `@statelyai/inspect`, or anything else that sends them on. */
export interface StatelyAdapter {
  readonly send: (event: StatelyEvent) => void;
}

/** The release of `@statelyai/inspect` whose protocol this is. */
const version = "0.7.2";

/** Tells the adapter all that is kept of the job's past, then each transition as it comes, until the job has settled. */
export function toStately(job: Job, adapter: StatelyAdapter): { unsubscribe(): void } {
  const known = new Set<string>();
  const tell = (record: TransitionRecord) => {
    const sessionId = record.rank === undefined ? job.id : `${job.id}:${record.rank}`;
    if (!known.has(sessionId)) adapter.send(actorOf(record, sessionId));
    known.add(sessionId);
    const { event, cause, part } = record;
    const told = { type: event, ...(part !== undefined && { part }), ...(cause !== undefined && { cause }) };
    adapter.send({ ...common(record, sessionId, "event"), type: "@xstate.event", event: told, sourceId: undefined });
    const snapshot = { ...shown(record, record.to), output: undefined, error: undefined };
    adapter.send({ ...common(record, sessionId, "snapshot"), type: "@xstate.snapshot", event: told, snapshot });
  };
  return job.inspect(tell, { fromStart: true });
}

function actorOf(record: TransitionRecord, sessionId: string): StatelyEvent {
  const { rank, host, job, from } = record;
  const isJob = rank === undefined;
  return {
    ...common(record, sessionId, "actor"),
    type: "@xstate.actor",
    name: isJob ? job : `rank ${rank} on ${host}`,
    parentId: isJob ? undefined : job,
    definition: JSON.stringify(isJob ? jobMachine.config : rankMachine.config, nameOfFunction),
    snapshot: shown(record, from),
  };
}

function common({ job, seq, timeMs }: TransitionRecord, sessionId: string, what: string): Common {
  const createdAt = String(Math.round(timeMs));
  return { _version: version, rootId: job, sessionId, createdAt, id: `${job}/${seq}/${what}` };
}

/** A lost rank stays in the state where it was lost: its chart has none for that. */
function shown({ rank, host, from, part, cause }: TransitionRecord, state: string): Shown {
  const context = {
    ...(rank !== undefined && { rank, host }),
    ...(part !== undefined && { part }),
    ...(cause !== undefined && { cause }),
  };
  if (state === "lost") return { status: "error", value: from, context };
  const over = rank === undefined && ["done", "failed", "cancelled"].includes(state);
  return { status: over ? "done" : "active", value: state, context };
}

/** As their own inspector writes a machine down. */
function nameOfFunction(_key: string, value: unknown): unknown {
  return typeof value === "function" ? { type: value.name } : value;
}
