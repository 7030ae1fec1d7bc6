/** What can go wrong when a job is looked for from another shell. Each kind has an exit code of its own, for scripts. */
import { MpitsError } from "../errors.ts";

const exitCodes = { failed: 1, notFound: 3, ambiguous: 4, notTaken: 5, unreachable: 6 } as const;

export class SteerError extends MpitsError {
  override readonly name = "SteerError";
  readonly code = "MPITS_STEER";
  readonly kind: keyof typeof exitCodes;

  /**
   * @param kind `notFound`: no such job, or none at all; `ambiguous`: several fit; `notTaken`: the job or rank does not take
   * that event now; `unreachable`: its driver is dead or does not answer; `failed`: anything else that went wrong there
   */
  constructor(kind: keyof typeof exitCodes, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.kind = kind;
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}
