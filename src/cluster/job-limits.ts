/** What cancels a job without an event: the user's signal, from its spawning on, and its time-out, from its start on. */
import { fairTimeout } from "../fair-timeout.ts";
import type { JobOptions } from "./job-options.ts";
import { onAbort } from "./on-abort.ts";

/** @param cause what the signal was aborted with */
type Cancel = (reason: string, cause?: unknown) => void;

export class JobLimits {
  readonly #timeoutMs: number | undefined;
  readonly #cancel: Cancel;
  readonly #stopFollowing: (() => void) | undefined;
  #stopClock: (() => void) | undefined;

  /** A signal that is aborted already cancels at once. */
  constructor({ signal, timeoutMs }: Pick<JobOptions, "signal" | "timeoutMs">, cancel: Cancel) {
    this.#timeoutMs = timeoutMs;
    this.#cancel = cancel;
    if (signal) this.#stopFollowing = onAbort(signal, () => cancel(reasonOf(signal), signal.reason));
  }

  start(): void {
    const timeoutMs = this.#timeoutMs;
    if (timeoutMs === undefined) return;
    const late = () => this.#cancel(`it took longer than its time-out of ${timeoutMs} ms`);
    this.#stopClock = fairTimeout(late, timeoutMs);
  }

  /** The job has settled. */
  close(): void {
    this.#stopClock?.();
    this.#stopFollowing?.();
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}
