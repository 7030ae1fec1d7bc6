/** `mpits send`: an event for a job's machine, if it takes it. */
import { UsageError } from "../../errors.ts";
import { findJob, talking } from "../../steer/find-job.ts";
import type { SendAnswer } from "../../steer/protocol.ts";

export async function sendCommand(typed: string, event: string, { data }: { data?: string }): Promise<void> {
  const carried = data === undefined ? undefined : parseData(data);
  const found = await findJob(typed);
  const { address, rank, name } = found;
  const { state } = await talking(found, (link) =>
    link.ask<SendAnswer>({
      ask: "send",
      ...address,
      event,
      ...(rank !== undefined && { rank }),
      ...(carried && { data: carried }),
    }),
  );
  console.log(`${name} took ${event}: ${state}`);
}

function parseData(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--data must be JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`--data must be a JSON object such as '{"reason":"enough"}', got ${text.slice(0, 60)}.`);
  return value as Record<string, unknown>;
}
