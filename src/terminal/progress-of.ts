/** The progress line's view of a job: what the ranks report, added up. Pure. */
import type { JobSnapshot } from "../cluster/job.ts";
import type { Progress } from "./progress-line.ts";
import { shownState } from "./shown-state.ts";

export function progressOf({ kernel, value, elapsedMs, parts, ranks }: JobSnapshot): Progress {
  const counts: Record<string, number> = {};
  for (const rank of ranks) {
    const state = shownState(rank);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  const sum = (key: "done" | "total") => ranks.reduce((total, { progress }) => total + progress[key], 0);
  // Only when every part is with a rank are the ranks' totals the job's.
  const whole = parts.total !== undefined && parts.total <= ranks.length && parts.handedOut === parts.total;
  return {
    name: kernel,
    state: value,
    done: sum("done"),
    total: whole ? sum("total") : 0,
    elapsedMs,
    ranks: counts,
    partsDone: parts.done,
    partsTotal: parts.total,
  };
}
