/** The job: its state, how far it is and how fast, and the two buttons that end it. */
import { formatBytes, formatCount, formatDuration } from "../../terminal/format.ts";
import type { JobState } from "../protocol.ts";
import { byId, setAttribute, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { progressOf, rateOf } from "./progress.ts";
import { signOf } from "./states.ts";

const outcomes = new Set(["done", "failed", "cancelled"]);

export class JobPanel {
  readonly #cancel: (force: boolean) => void;
  readonly #cancelButton = byId<HTMLButtonElement>("cancel");
  readonly #forceButton = byId<HTMLButtonElement>("force");

  constructor(cancel: (force: boolean) => void) {
    this.#cancel = cancel;
    this.#cancelButton.addEventListener("click", () => this.#cancel(false));
    this.#forceButton.addEventListener("click", () => this.#cancel(true));
  }

  show(model: Model): void {
    const job = model.state?.job;
    setAttribute(byId("no-job"), "hidden", job !== undefined);
    setAttribute(byId("job-body"), "hidden", job === undefined);
    if (!job) return;
    const { value, id } = job.snapshot;
    const pill = byId("job-state");
    setAttribute(pill, "data-state", value);
    setText(pill, `${signOf(value)} ${value}${waitOf(job)}`);
    setText(byId("job-id"), id);
    const cause = job.cause ?? job.snapshot.reason ?? "";
    setText(byId("job-cause"), cause === "" ? "" : `${value === "failed" ? "Why: " : "Reason: "}${cause}`);
    this.#showProgress(model, job);
    this.#showButtons(model, job);
  }

  #showProgress(model: Model, job: JobState): void {
    const { parts, elapsedMs, ranks } = job.snapshot;
    const over = outcomes.has(job.snapshot.value);
    const running = job.phase === "running" && model.connection === "live" && !over;
    const share = progressOf(job);
    const rate = rateOf(model);
    const bar = byId("bar");
    setAttribute(bar, "aria-valuenow", share === undefined ? undefined : String(Math.floor(share * 100)));
    setAttribute(bar, "data-unknown", share === undefined && running);
    byId("bar-done").style.width = `${(share ?? 0) * 100}%`;
    setText(byId("percent"), share === undefined ? "–" : `${Math.floor(share * 100)} %`);
    const inWork = parts.handedOut - parts.done;
    const figures: Record<string, string> = {
      elapsed: formatDuration(elapsedMs),
      rate: running && rate ? `${formatCount(rate.perSecond)} ${rate.unit}/s` : "–",
      left: running ? formatDuration(leftMs(share, elapsedMs, rate?.leftMs)) : "–",
      done: `${formatCount(parts.done)}${parts.total === undefined ? "" : ` of ${formatCount(parts.total)}`}`,
      running: over ? "0" : formatCount(inWork),
      waiting: over ? "0" : parts.total === undefined ? "not known yet" : formatCount(parts.total - parts.handedOut),
      again: formatCount(parts.again),
      ranks: `${ranks.filter(({ lost }) => lost === undefined).length} of ${ranks.length}`,
      bytes: formatBytes(job.stats.sent.bytes + job.stats.received.bytes),
    };
    for (const [name, text] of Object.entries(figures)) setText(byId(`figure-${name}`), text);
  }

  #showButtons(model: Model, job: JobState): void {
    const live = model.connection === "live" && job.phase !== "over";
    const ending = outcomes.has(job.snapshot.value);
    this.#cancelButton.disabled = !live || ending;
    setAttribute(this.#cancelButton, "hidden", model.connection === "report" || (live && ending));
    setAttribute(this.#forceButton, "hidden", !(live && ending));
    const grace = formatDuration(job.cancelGraceMs);
    setText(
      byId("force-note"),
      live && ending
        ? `Ranks that don't stop by themselves lose their compute thread after ${grace}; Force does it now.`
        : "",
    );
  }
}

/** A job may wait for its turn; or it is decided, but not every rank is idle yet. */
function waitOf({ phase, snapshot }: JobState): string {
  if (phase === "queued") return ", waits for its turn";
  return phase === "running" && outcomes.has(snapshot.value) ? ", waiting for its ranks" : "";
}

function leftMs(share: number | undefined, elapsedMs: number, byRate: number | undefined): number {
  if (byRate !== undefined) return byRate;
  return share === undefined || share === 0 ? Number.NaN : (elapsedMs * (1 - share)) / share;
}
