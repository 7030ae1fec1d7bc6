/** By which lane a message to a host goes, and whether the host then owes an answer. */
import type { Lane } from "../transport/transport.ts";
import type { ToHost } from "../wire/messages.ts";

/**
 * Control overtakes data. So values go by data, and so does what is said about parts that went before it: `Last` must come behind the
 * last of them, and `Forget` before those of the next job, whose shared values it would take away else.
 */
export function laneOf({ kind }: ToHost, carriesValue: boolean): Lane {
  return carriesValue || kind === "Last" || kind === "Forget" ? "data" : "control";
}

/** Until it is there, the host must be heard of now and then. */
export function wantsAnswer({ kind }: ToHost): boolean {
  return kind !== "Forget";
}
