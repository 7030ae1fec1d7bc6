/** Which stretch of time the timeline shows: zoom, pan, follow. Pure; timeline-panel.ts draws it. */

const leastMs = 0.5;
/** Beside the first and the last moment, as a share of what is between. */
const margin = 0.02;

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export class TimelineView {
  /** How much is shown; undefined is all there is. */
  #widthMs: number | undefined;
  /** Where it ends; undefined follows the present. */
  #untilMs: number | undefined;

  get follows(): boolean {
    return this.#untilMs === undefined;
  }

  /** What is shown of a job that goes from `fromMs` to `untilMs`. */
  span({ fromMs, untilMs }: Span): Span {
    const all = Math.max(leastMs, untilMs - fromMs);
    if (this.#widthMs === undefined) return { fromMs: fromMs - all * margin, untilMs: untilMs + all * margin };
    const end = this.#untilMs ?? untilMs + this.#widthMs * margin;
    return { fromMs: end - this.#widthMs, untilMs: end };
  }

  /** @param at the place that stays where it is, between 0 and 1; `factor` below 1 shows less */
  zoom(whole: Span, factor: number, at: number): void {
    const { fromMs, untilMs } = this.span(whole);
    const width = untilMs - fromMs;
    const next = Math.min(Math.max(leastMs, width * factor), (whole.untilMs - whole.fromMs) * 2 + leastMs);
    this.#widthMs = next;
    if (!this.follows || at < 0.9) this.#untilMs = fromMs + width * at + next * (1 - at);
  }

  /** @param by as a share of what is shown; above 0 goes on in time */
  pan(whole: Span, by: number): void {
    const { fromMs, untilMs } = this.span(whole);
    this.#widthMs = untilMs - fromMs;
    this.#untilMs = untilMs + this.#widthMs * by;
  }

  showAll(): void {
    this.#widthMs = undefined;
    this.#untilMs = undefined;
  }

  follow(): void {
    this.#untilMs = undefined;
  }
}

/** Round numbers of ms between the ticks of an axis, so that about `count` fit. */
export function tickStep(widthMs: number, count: number): number {
  const least = widthMs / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (([1, 2, 5].find((step) => step * power >= least) as number | undefined) ?? 10);
}
