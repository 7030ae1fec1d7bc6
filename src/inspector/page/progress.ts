/** How far a job is and how fast, from its snapshot and the samples of the last seconds. */
import type { JobState, Sample } from "../protocol.ts";
import type { Model } from "./model.ts";

/** The rate is that of so many of the last ms. */
const windowMs = 5000;

interface Rate {
  readonly perSecond: number;
  /** `parts`, or nothing for the kernel's own units. */
  readonly unit: string;
  readonly leftMs: number | undefined;
}

/** Between 0 and 1: from the kernel's own count where there is one, else from the parts; undefined when neither total is known. */
export function progressOf({ snapshot }: JobState): number | undefined {
  if (snapshot.value === "done") return 1;
  const { done, total } = unitsOf(snapshot.ranks);
  const { parts } = snapshot;
  const share = total > 0 ? done / total : parts.total ? parts.done / parts.total : Number.NaN;
  return Number.isNaN(share) ? undefined : Math.min(1, Math.max(0, share));
}

export function rateOf(model: Model): Rate | undefined {
  const job = model.state?.job;
  const [first, last] = lastWindow(model.samples);
  if (!job || !first || !last || last[0] <= first[0]) return undefined;
  const { done, total } = unitsOf(job.snapshot.ranks);
  const place = total > 0 ? 2 : 1;
  const perMs = (last[place] - first[place]) / (last[0] - first[0]);
  const { parts } = job.snapshot;
  const left = total > 0 ? total - done : parts.total === undefined ? undefined : parts.total - parts.done;
  return {
    perSecond: perMs * 1000,
    unit: total > 0 ? "" : "parts",
    leftMs: left === undefined || perMs <= 0 ? undefined : left / perMs,
  };
}

/** In the kernel's own units, of all ranks together; `total` 0 when nobody knows. */
function unitsOf(ranks: JobState["snapshot"]["ranks"]): { done: number; total: number } {
  let [done, total] = [0, 0];
  for (const { progress } of ranks) {
    done += progress.done;
    total += progress.total;
  }
  return { done, total };
}

function lastWindow(samples: readonly Sample[]): [Sample | undefined, Sample | undefined] {
  const last = samples.at(-1);
  return [last && samples.find(([timeMs]) => timeMs >= last[0] - windowMs), last];
}
