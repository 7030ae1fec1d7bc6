/**
 * The errors of mpits: few classes, each answering a different question for the caller.
 * Every one has a fixed `name` and `code`; match on the code, not on `instanceof`, where an error may have crossed a wire.
 * Wording: what happened, to whom, when; then what was done; then what to try.
 */

/** The base of all errors thrown by mpits. */
export abstract class MpitsError extends Error {
  abstract readonly code: string;
}

/** You called us wrongly: an option, an argument or a function that cannot be used as it is. Nothing was launched. */
export class UsageError extends MpitsError {
  override readonly name = "UsageError";
  readonly code = "MPITS_USAGE";
}

/** A host did not come up: which host, in which phase, what to try, and the last lines that it printed. */
export class LaunchError extends MpitsError {
  override readonly name = "LaunchError";
  readonly code = "MPITS_LAUNCH";
  readonly host: string;
  readonly phase: string;
  /** What to try, as it also stands in the message. Empty where nothing can be said. */
  readonly remedy: string;
  readonly lastOutput: string;
  constructor(
    message: string,
    details: { host: string; phase: string; remedy?: string; lastOutput?: string; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.host = details.host;
    this.phase = details.phase;
    this.remedy = details.remedy ?? "";
    this.lastOutput = details.lastOutput ?? "";
  }
}

/** A message could not be sent, received or understood. */
export class TransportError extends MpitsError {
  override readonly name = "TransportError";
  readonly code = "MPITS_TRANSPORT";
}

/** Your kernel, or a function handed to it, threw. `cause` is what it threw, and its stack is the kernel's own. */
export class KernelError extends MpitsError {
  override readonly name = "KernelError";
  readonly code = "MPITS_KERNEL";
  readonly kernel: string;
  readonly rank: number | undefined;
  readonly host: string | undefined;
  constructor(
    message: string,
    details: { kernel: string; rank?: number | undefined; host?: string | undefined; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kernel = details.kernel;
    this.rank = details.rank;
    this.host = details.host;
  }
}

/** A rank is gone: its process ended, or nothing was heard from its host. */
export class RankLostError extends MpitsError {
  override readonly name = "RankLostError";
  readonly code = "MPITS_RANK_LOST";
  readonly rank: number;
  readonly host: string;
  readonly state: string;
  constructor(message: string, details: { rank: number; host: string; state: string; cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.rank = details.rank;
    this.host = details.host;
    this.state = details.state;
  }
}

/** The job was cancelled. `forcedRanks` lists ranks that did not stop by themselves and lost their compute thread. */
export class JobCancelledError extends MpitsError {
  override readonly name = "JobCancelledError";
  readonly code = "MPITS_JOB_CANCELLED";
  readonly reason: string;
  readonly forcedRanks: readonly number[];
  constructor(message: string, details: { reason: string; forcedRanks?: readonly number[]; cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = details.reason;
    this.forcedRanks = details.forcedRanks ?? [];
  }
}

/** The cluster can't do that now: another job holds it (the job lock), or it is closed. */
export class JobStateError extends MpitsError {
  override readonly name = "JobStateError";
  readonly code = "MPITS_JOB_STATE";
}

/** A communication between ranks did not come about within its time-out. */
export class CommunicationTimeoutError extends MpitsError {
  override readonly name = "CommunicationTimeoutError";
  readonly code = "MPITS_COMMUNICATION_TIMEOUT";
}

/** Ranks wait for each other, and can never go on. The message says who waits for whom. */
export class DeadlockError extends MpitsError {
  override readonly name = "DeadlockError";
  readonly code = "MPITS_DEADLOCK";
  /** Those that the message is about, in its order. */
  readonly ranks: readonly number[];
  constructor({ sentence, ranks }: { sentence: string; ranks: readonly number[] }) {
    super(`deadlock: ${sentence}. The job was ended on all ranks.`);
    this.ranks = ranks;
  }
}

/** The job could not go on. `cause` is the first cause; `others` are what went wrong after it. */
export class JobFailedError extends MpitsError {
  override readonly name = "JobFailedError";
  readonly code = "MPITS_JOB_FAILED";
  readonly others: readonly Error[];
  constructor(message: string, details: { cause: unknown; others?: readonly Error[] }) {
    super(message, { cause: details.cause });
    this.others = details.others ?? [];
  }
}

/** How a value is shown in an error text: short, with its type where that isn't obvious. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `${JSON.stringify(clip(value))} (string)`;
  if (typeof value === "bigint") return `${clip(String(value))}n (bigint)`;
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean")
    return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "symbol") return `${clip(String(value))} (symbol)`;
  if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
  if (value.constructor === Object) return `an object with ${clip(Object.keys(value).join(", ")) || "nothing in it"}`;
  return `an object of ${value.constructor?.name ?? "no class"}`;
}

/** The text of a refusal: names the option, what was expected and what came. */
export function expected(option: string, expectation: string, value: unknown): UsageError {
  return new UsageError(`"${option}" must be ${expectation}, got ${shown(value)}.`);
}

/** @throws UsageError unless `value` is an object, and no array: options by their names */
export function checkOptions(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw expected(name, "an object of options", value);
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
