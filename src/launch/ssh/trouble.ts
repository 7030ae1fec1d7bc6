/**
 * What goes wrong while a host is reached, said by the one who saw it: what happened, and what to try. Who the host is, in which
 * phase it was and for how long is added by the phase clock, which makes a `LaunchError` of it.
 */
import type { LaunchPhase } from "../launcher.ts";

export interface TroubleDetails {
  /** What to try, as a whole sentence. */
  readonly remedy: string;
  /** What stands in parentheses behind the time: `tried agent, ~/.ssh/id_ed25519`. */
  readonly tried?: string | undefined;
  /** Where it belongs, when that is not the phase that was under way. */
  readonly phase?: LaunchPhase;
  /** The connection was dropped before anything was said on it: worth another try. */
  readonly dropped?: boolean;
  /** It is a fact of its own, no matter when it was noticed. */
  readonly timeless?: boolean;
  readonly cause?: unknown;
}

export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly details: TroubleDetails;

  /** @param what happened, as the part of a sentence after "could not start node9: " */
  constructor(what: string, details: TroubleDetails) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause });
    this.details = details;
  }
}

/** The short text of what somebody else threw. Node's errors for several addresses at once have none of their own. */
export function reasonOf(error: unknown): string {
  const { message, code, errors } = error as { message?: unknown; code?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0]);
  return String(message || code || error);
}

/** Node's error code, such as ECONNREFUSED. */
export function codeOf(error: unknown): string | undefined {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === "string") return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : undefined;
}
