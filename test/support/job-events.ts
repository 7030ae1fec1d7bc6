/** Waiting for what a job does, by its own reports: no test sleeps. */
import type { Job, JobSnapshot } from "mpits";

/** Resolves with the first snapshot that fits; rejects when the job settles without one. */
export function until(job: Job<unknown>, fits: (snapshot: JobSnapshot) => boolean): Promise<JobSnapshot> {
  return new Promise((resolve, reject) => {
    const subscription = job.subscribe({ next: look, complete: () => reject(new Error(`${job.id} settled first`)) });
    look(job.getSnapshot());
    function look(snapshot: JobSnapshot): void {
      if (!fits(snapshot)) return;
      subscription.unsubscribe();
      resolve(snapshot);
    }
  });
}

/** Every rank is in this state. */
export function allRanks(state: string): (snapshot: JobSnapshot) => boolean {
  return ({ ranks }) => ranks.every((rank) => rank.state === state);
}

/** Every rank computes and its kernel has said so itself. */
export function allComputing({ ranks }: JobSnapshot): boolean {
  return ranks.every(({ state, progress }) => state === "computing" && progress.done > 0);
}

/** The states that each rank was seen in, in their order, until the job settles. */
export function followStates(job: Job<unknown>): string[][] {
  const seen: string[][] = [];
  job.subscribe(({ ranks }) => {
    for (const { rank, state } of ranks) {
      seen[rank] ??= [];
      if (seen[rank].at(-1) !== state) seen[rank].push(state);
    }
  });
  return seen;
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    const value = await promise;
    throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
}
