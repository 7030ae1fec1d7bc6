/** A lane for the job and for each rank, coloured by state over time, on a canvas. */
import { formatDuration } from "../../terminal/format.ts";
import { byId, setAttribute, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { signOf, stateNames } from "./states.ts";
import { axisHeight, formatMoment, labelWidth, TimelinePainter } from "./timeline-painter.ts";
import { type Span, TimelineView } from "./timeline-view.ts";

const zoomStep = 1.25;
/** So long after the last move of the pointer or key it moves with every frame, in ms; else with what the driver tells. */
const attendedMs = 4000;

export class TimelinePanel {
  readonly #canvas = byId<HTMLCanvasElement>("timeline-canvas");
  readonly #painter: TimelinePainter;
  readonly #view = new TimelineView();
  readonly #select: (rank: number) => void;
  readonly #changed: () => void;
  #model: Model | undefined;
  #painted: Span | undefined;
  #touchedMs = Number.NEGATIVE_INFINITY;
  #pointer: { readonly x: number; moved: boolean } | undefined;

  constructor(select: (rank: number) => void, changed: () => void) {
    this.#select = select;
    this.#changed = changed;
    this.#painter = new TimelinePainter(this.#canvas, changed);
    this.#listen();
  }

  /** Whether it moves by itself, being followed by somebody who is at it: then it has to be drawn again and again. */
  get moves(): boolean {
    if (!this.#view.follows || performance.now() - this.#touchedMs > attendedMs) return false;
    return this.#model?.state?.job?.phase === "running" && this.#model.connection === "live";
  }

  recolour(): void {
    this.#painter.recolour();
  }

  show(model: Model): void {
    this.#model = model;
    const { lanes } = model;
    setAttribute(byId("timeline-empty"), "hidden", lanes.firstMs !== undefined);
    setAttribute(byId("follow"), "aria-pressed", String(this.#view.follows));
    setText(
      byId("timeline-dropped"),
      model.dropped > 0 ? `${model.dropped} older transitions are no longer kept.` : "",
    );
    this.#paint();
  }

  /** Moves on with the time, when that is by a pixel at least. */
  move(): void {
    if (!this.#model || !this.#painted) return;
    const { untilMs } = this.#view.span(this.#whole());
    if (untilMs - this.#painted.untilMs >= this.#painter.msPerPixel(this.#painted)) this.#paint();
  }

  #paint(): void {
    const { lanes, selected } = this.#model!;
    if (lanes.count === 0) return;
    const whole = this.#whole();
    this.#painted = this.#view.span(whole);
    this.#painter.paint({ lanes, span: this.#painted, endMs: whole.untilMs, selected });
  }

  /** From the job's first moment to now, or to its last. */
  #whole(): Span {
    const { lanes, state, nowMs } = this.#model!;
    const fromMs = lanes.firstMs ?? nowMs;
    const running = state?.job?.phase === "running";
    return { fromMs, untilMs: running ? Math.max(nowMs, lanes.lastMs ?? nowMs) : (lanes.lastMs ?? nowMs) };
  }

  #listen(): void {
    const canvas = this.#canvas;
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      this.#pointer = { x: event.offsetX, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => this.#pointed(event));
    canvas.addEventListener("pointerup", (event) => {
      if (this.#pointer && !this.#pointer.moved) this.#choose(event);
      this.#pointer = undefined;
    });
    canvas.addEventListener("pointerleave", () => setText(byId("timeline-at"), ""));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    byId("zoom-in").addEventListener("click", () => this.#act(() => this.#zoom(1 / zoomStep ** 2, 0.5)));
    byId("zoom-out").addEventListener("click", () => this.#act(() => this.#zoom(zoomStep ** 2, 0.5)));
    byId("show-all").addEventListener("click", () => this.#act(() => this.#view.showAll()));
    byId("follow").addEventListener("click", () => this.#act(() => this.#view.follow()));
  }

  #act(change: () => void): void {
    if (!this.#model) return;
    this.#touchedMs = performance.now();
    change();
    this.#changed();
  }

  #zoom(factor: number, at: number): void {
    this.#view.zoom(this.#whole(), factor, at);
  }

  #key(event: KeyboardEvent): void {
    const keys: Record<string, () => void> = {
      "+": () => this.#zoom(1 / zoomStep, 0.5),
      "-": () => this.#zoom(zoomStep, 0.5),
      ArrowLeft: () => this.#view.pan(this.#whole(), -0.1),
      ArrowRight: () => this.#view.pan(this.#whole(), 0.1),
      Home: () => this.#view.showAll(),
      f: () => this.#view.follow(),
    };
    const change = keys[event.key === "=" ? "+" : event.key];
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#act(change);
  }

  /** A wheel alone scrolls the page, as everywhere; with Ctrl or Shift, and pinches, it zooms and pans. */
  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.shiftKey && event.deltaX === 0) return;
    event.preventDefault();
    const room = this.#canvas.clientWidth - labelWidth;
    if (event.ctrlKey) return this.#act(() => this.#zoom(1.002 ** event.deltaY, this.#at(event)));
    this.#act(() => this.#view.pan(this.#whole(), (event.deltaX || event.deltaY) / room));
  }

  /** Between 0 and 1, where the pointer is in what is shown. */
  #at({ offsetX }: MouseEvent): number {
    return Math.min(1, Math.max(0, (offsetX - labelWidth) / (this.#canvas.clientWidth - labelWidth)));
  }

  #pointed(event: PointerEvent): void {
    if (!this.#model) return;
    if (this.#pointer) {
      const by = event.offsetX - this.#pointer.x;
      if (!this.#pointer.moved && Math.abs(by) < 4) return;
      this.#act(() => this.#view.pan(this.#whole(), -by / (this.#canvas.clientWidth - labelWidth)));
      this.#pointer = { x: event.offsetX, moved: true };
      return;
    }
    setText(byId("timeline-at"), this.#describe(event));
    const moved = this.moves;
    this.#touchedMs = performance.now();
    if (!moved && this.moves) this.#changed();
  }

  #laneOf({ offsetY }: MouseEvent): number {
    return Math.floor((offsetY / (this.#canvas.clientHeight - axisHeight)) * this.#model!.lanes.count);
  }

  #describe(event: MouseEvent): string {
    const { lanes, nowMs } = this.#model!;
    const span = this.#view.span(this.#whole());
    const timeMs = span.fromMs + this.#at(event) * (span.untilMs - span.fromMs);
    const place = this.#laneOf(event);
    const stretch = lanes.at(place, timeMs);
    if (!stretch || place >= lanes.count) return "";
    const name = stateNames[stretch.state]!;
    const end = stretch.untilMs ?? Math.min(nowMs, this.#whole().untilMs);
    const length =
      stretch.fromMs === Number.NEGATIVE_INFINITY ? "" : ` for ${formatDuration(Math.max(0, end - stretch.fromMs))}`;
    return `${place === 0 ? "job" : `rank ${place - 1}`}: ${signOf(name)} ${name}${length}, at ${formatMoment(timeMs - (lanes.firstMs ?? timeMs))}`;
  }

  #choose(event: PointerEvent): void {
    const place = this.#laneOf(event);
    if (place > 0 && place < (this.#model?.lanes.count ?? 0)) this.#select(place - 1);
  }
}
