/**
 * Which events users may send from outside. A machine takes requests and facts; facts (a kernel has finished, all parts are
 * handed out) are told by the runtime, which alone knows them, so that from outside a machine can be asked but never lied to.
 */
import { type JobEvent, jobMachine } from "../actors/job-machine.ts";
import { rankMachine } from "../actors/rank-machine.ts";
import type { CancelEvent, Job } from "../cluster/job.ts";
import { shown } from "../errors.ts";
import type { Refusal } from "./protocol.ts";

/** Requests that the job's machine takes from users, with what may stand in their data. */
const jobRequests: Readonly<Record<string, Readonly<Record<string, "string" | "boolean">>>> = {
  "job.cancel": { reason: "string", force: "boolean" },
};

/** What a user may send to this job as it is now. */
export function takenFromUsers(job: Job): string[] {
  const snapshot = job.actor.getSnapshot();
  return Object.keys(jobRequests).filter((type) => snapshot.can({ type } as JobEvent));
}

/** The event as the job takes it, or why it does not. */
export function eventForJob(
  job: Job,
  event: string,
  data: Readonly<Record<string, unknown>>,
): { readonly event: CancelEvent } | { readonly refusal: Refusal } {
  const takes = takenFromUsers(job);
  const refuse = (message: string) => ({ refusal: { kind: "notTaken" as const, message, takes } });
  if (!Object.hasOwn(jobRequests, event))
    return refuse(`${job.id} does not take "${event}" ${why(event, jobMachine.events)}.`);
  if (!takes.includes(event))
    return refuse(`${job.id} is ${job.getSnapshot().value}: it does not take "${event}" now.`);
  const problem = dataProblem(event, data);
  if (problem !== undefined) return { refusal: { kind: "wrong", message: problem } };
  return { event: { ...data, type: event } as CancelEvent };
}

/** Ranks do what their job and their compute thread tell them; nobody else. */
export function refusalOfRank(rank: number, job: string, event: string): Refusal {
  const reason =
    event === "job.cancel"
      ? `from users: its parts would be missing. Send it to the job, ${job}`
      : why(event, rankMachine.events);
  return {
    kind: "notTaken",
    message: `rank ${rank} does not take "${event}" ${reason}. It takes none from users.`,
    takes: [],
  };
}

function why(event: string, known: readonly string[]): string {
  return known.includes(event) ? "from users: it is a fact, which only the runtime tells" : "(there is no such event)";
}

function dataProblem(event: string, data: Readonly<Record<string, unknown>>): string | undefined {
  const fields = jobRequests[event];
  for (const [key, value] of Object.entries(data)) {
    if (!Object.hasOwn(fields, key))
      return `"${event}" has no "${key}" in its data; it may have ${Object.keys(fields).join(", ")}.`;
    if (typeof value !== fields[key]) return `"${key}" of "${event}" must be a ${fields[key]}, got ${shown(value)}.`;
  }
  return undefined;
}
