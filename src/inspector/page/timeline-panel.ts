/** A lane for the job and for each rank, coloured by state over time, on a canvas. */
import { formatDuration } from "../../terminal/format.ts";
import { byId, setAttribute, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { colours, signOf, stateNames } from "./states.ts";
import { type Span, TimelineView, tickStep } from "./timeline-view.ts";

const labelWidth = 44;
const axisHeight = 22;
const lane = { least: 3, most: 22, room: 560 } as const;
const zoomStep = 1.25;

export class TimelinePanel {
  readonly #canvas = byId<HTMLCanvasElement>("timeline-canvas");
  readonly #context = this.#canvas.getContext("2d", { alpha: false })!;
  readonly #view = new TimelineView();
  readonly #select: (rank: number) => void;
  readonly #changed: () => void;
  #rows = new OffscreenCanvas(1, 1);
  #colours = new Uint32Array();
  #model: Model | undefined;
  #pointer: { readonly x: number; moved: boolean } | undefined;

  constructor(select: (rank: number) => void, changed: () => void) {
    this.#select = select;
    this.#changed = changed;
    this.recolour();
    this.#listen();
    new ResizeObserver(changed).observe(this.#canvas.parentElement!);
  }

  /** Whether it moves by itself: then it has to be drawn again and again. */
  get moves(): boolean {
    return this.#view.follows && this.#model?.state?.job?.phase === "running" && this.#model.connection === "live";
  }

  recolour(): void {
    this.#colours = Uint32Array.from(colours(), pixelOf);
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
    if (lanes.count === 0) return;
    const size = this.#fit(lanes.count);
    const span = this.#view.span(this.#whole());
    this.#paintLanes(model, span, size);
    this.#paintLabels(model, size);
    this.#paintAxis(span, size);
  }

  /** From the job's first moment to now, or to its last. */
  #whole(): Span {
    const { lanes, state, nowMs } = this.#model!;
    const fromMs = lanes.firstMs ?? nowMs;
    const running = state?.job?.phase === "running";
    return { fromMs, untilMs: running ? Math.max(nowMs, lanes.lastMs ?? nowMs) : (lanes.lastMs ?? nowMs) };
  }

  /** Makes the canvas as large as it is shown, in real pixels. */
  #fit(count: number): { width: number; lane: number; ratio: number } {
    const ratio = window.devicePixelRatio || 1;
    const height = Math.min(lane.most, Math.max(lane.least, Math.floor(lane.room / count)));
    const width = Math.max(1, Math.floor(this.#canvas.parentElement!.clientWidth));
    const [w, h] = [Math.floor(width * ratio), Math.floor((count * height + axisHeight) * ratio)];
    if (this.#canvas.width !== w || this.#canvas.height !== h) {
      this.#canvas.width = w;
      this.#canvas.height = h;
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${count * height + axisHeight}px`;
    }
    return { width, lane: height, ratio };
  }

  /** One row of pixels for each lane, drawn as high as lanes are in one go. */
  #paintLanes({ lanes }: Model, span: Span, size: { width: number; lane: number; ratio: number }): void {
    const columns = Math.max(1, Math.floor((size.width - labelWidth) * size.ratio));
    const image = new ImageData(columns, lanes.count);
    const pixels = new Uint32Array(image.data.buffer);
    const end = this.#whole().untilMs;
    for (let i = 0; i < lanes.count; i++) {
      const row = pixels.subarray(i * columns, (i + 1) * columns);
      lanes.paint(i, row, span.fromMs, span.untilMs, end, this.#colours);
    }
    if (this.#rows.width !== columns || this.#rows.height !== lanes.count)
      this.#rows = new OffscreenCanvas(columns, lanes.count);
    this.#rows.getContext("2d")!.putImageData(image, 0, 0);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = cssColour("--panel");
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.imageSmoothingEnabled = false;
    const height = lanes.count * size.lane * size.ratio;
    context.drawImage(this.#rows, labelWidth * size.ratio, 0, columns, height);
    context.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    context.fillStyle = cssColour("--panel");
    if (size.lane > 6)
      for (let i = 1; i < lanes.count; i++) context.fillRect(labelWidth, i * size.lane - 1, size.width, 1);
  }

  #paintLabels({ lanes, selected }: Model, { lane: height, width }: { lane: number; width: number }): void {
    const context = this.#context;
    context.font = "11px ui-monospace, monospace";
    context.textAlign = "right";
    context.textBaseline = "middle";
    const every = Math.max(1, Math.ceil(13 / height));
    for (let i = 0; i < lanes.count; i++) {
      const isSelected = i - 1 === selected;
      if (!isSelected && i !== 0 && (i - 1) % every !== 0) continue;
      if (i === 0 && height < 12) continue;
      context.fillStyle = cssColour(isSelected ? "--text" : "--faint");
      context.fillText(i === 0 ? "job" : String(i - 1), labelWidth - 6, (i + 0.5) * height);
    }
    if (selected === undefined) return;
    context.strokeStyle = cssColour("--text");
    context.lineWidth = 1.5;
    context.strokeRect(labelWidth, (selected + 1) * height, width - labelWidth - 1, height);
  }

  #paintAxis({ fromMs, untilMs }: Span, { width, lane: height }: { width: number; lane: number }): void {
    const context = this.#context;
    const top = this.#model!.lanes.count * height;
    const room = width - labelWidth;
    const step = tickStep(untilMs - fromMs, room / 90);
    const start = this.#model!.lanes.firstMs ?? fromMs;
    context.fillStyle = cssColour("--faint");
    context.textAlign = "center";
    for (let i = Math.ceil((fromMs - start) / step); start + i * step <= untilMs; i++) {
      const x = labelWidth + ((start + i * step - fromMs) / (untilMs - fromMs)) * room;
      context.fillRect(x, top, 1, 5);
      if (i >= 0 && x > labelWidth + 20 && x < width - 24)
        context.fillText(i === 0 ? "0" : formatTick(i * step), x, top + 14);
    }
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
    return `${place === 0 ? "job" : `rank ${place - 1}`}: ${signOf(name)} ${name}${length}, at ${formatTick(timeMs - (lanes.firstMs ?? timeMs))}`;
  }

  #choose(event: PointerEvent): void {
    const place = this.#laneOf(event);
    if (place > 0 && place < (this.#model?.lanes.count ?? 0)) this.#select(place - 1);
  }
}

/** A moment of the job: as fine as an axis needs it. */
function formatTick(ms: number): string {
  if (Math.abs(ms) < 1) return `${Math.round(ms * 1000)} µs`;
  if (Math.abs(ms) < 1000) return `${Number(ms.toFixed(2))} ms`;
  return Math.abs(ms) < 60_000 ? `${Number((ms / 1000).toFixed(3))} s` : formatDuration(Math.abs(ms));
}

function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** `#rrggbb` as a pixel of an ImageData, on a machine whose lowest byte comes first, as all that browsers run on. */
function pixelOf(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
}
