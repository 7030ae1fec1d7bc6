/** `mpits cancel`: ends a job and says when all its ranks are idle. */
import { UsageError } from "../../errors.ts";
import { cancelAtOnlyDriver } from "../../steer/cancel-only.ts";
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

interface How {
  readonly reason: string;
  readonly graceMs?: number;
}

/** After so long without an end a person wants to know why, in ms. */
const explainAfterMs = 1000;

export async function cancelCommand(typed: string | undefined, { grace, force, reason }: Flags): Promise<void> {
  if (grace !== undefined && force) throw new UsageError("--force is --grace 0; give one of them.");
  const graceMs = force ? 0 : grace === undefined ? undefined : duration("--grace", grace);
  const how = { reason: reason ?? "cancelled by mpits cancel", ...(graceMs !== undefined && { graceMs }) };
  let explain: NodeJS.Timeout | undefined;
  const begun = (name: string): void => {
    explain = setTimeout(() => {
      process.stderr.write(
        `${name} is cancelled; waiting for its ranks to stop (mpits cancel --force does not wait)\n`,
      );
    }, explainAfterMs);
  };
  try {
    const { name, answer } = (await cancelAtOnlyDriver(typed, how, begun)) ?? (await cancelAmongAll(typed, how, begun));
    const { state, elapsedMs, tookMs } = answer;
    if (state !== "cancelled") throw new SteerError("notTaken", `${name} was ${state} before the cancel came.`);
    console.log(`${name} cancelled after ${formatDuration(elapsedMs)}; all ranks idle in ${formatDuration(tookMs)}`);
  } finally {
    clearTimeout(explain);
  }
}

async function cancelAmongAll(
  typed: string | undefined,
  how: How,
  begun: (name: string) => void,
): Promise<{ name: string; answer: CancelAnswer }> {
  const found = await findJob(typed);
  const { name, address, rank } = found;
  if (rank !== undefined) {
    found.link.close();
    throw new SteerError(
      "notTaken",
      `a rank can't be cancelled alone: its parts would be missing. Cancel the job, ${name}.`,
    );
  }
  begun(name);
  const answer = await talking(found, (link) => link.ask<CancelAnswer>({ ask: "cancel", ...address, ...how }));
  return { name, answer };
}
