/** `mpits cancel`: ends a job and says when all its ranks are idle. */
import { UsageError } from "../../errors.ts";
import { findJob, talking } from "../../steer/find-job.ts";
import type { CancelAnswer } from "../../steer/protocol.ts";
import { SteerError } from "../../steer/steer-error.ts";
import { formatDuration } from "../../terminal/format.ts";
import { duration } from "./values.ts";

interface Flags {
  readonly grace?: string;
  readonly force?: boolean;
  readonly reason?: string;
}

/** After so long without an end a person wants to know why, in ms. */
const explainAfterMs = 1000;

export async function cancelCommand(typed: string | undefined, { grace, force, reason }: Flags): Promise<void> {
  if (grace !== undefined && force) throw new UsageError("--force is --grace 0; give one of them.");
  const graceMs = force ? 0 : grace === undefined ? undefined : duration("--grace", grace);
  const found = await findJob(typed);
  const { name, address, rank } = found;
  if (rank !== undefined) {
    found.link.close();
    throw new SteerError(
      "notTaken",
      `a rank can't be cancelled alone: its parts would be missing. Cancel the job, ${name}.`,
    );
  }
  const explain = setTimeout(() => {
    process.stderr.write(`${name} is cancelled; waiting for its ranks to stop (mpits cancel --force does not wait)\n`);
  }, explainAfterMs);
  const words = reason ?? "cancelled by mpits cancel";
  try {
    const { state, elapsedMs, tookMs } = await talking(found, (link) =>
      link.ask<CancelAnswer>({ ask: "cancel", ...address, reason: words, ...(graceMs !== undefined && { graceMs }) }),
    );
    if (state !== "cancelled") throw new SteerError("notTaken", `${name} was ${state} before the cancel came.`);
    console.log(`${name} cancelled after ${formatDuration(elapsedMs)}; all ranks idle in ${formatDuration(tookMs)}`);
  } finally {
    clearTimeout(explain);
  }
}
