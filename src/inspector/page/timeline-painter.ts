/** Draws a stretch of the lanes on a canvas: rows of pixels for the lanes, their numbers, and an axis below. */
import { formatDuration } from "../../terminal/format.ts";
import type { Lanes } from "./lanes.ts";
import { colours, rgbOf } from "./states.ts";
import { type Span, tickStep } from "./timeline-view.ts";

export const labelWidth = 44;
export const axisHeight = 22;
const labelHeight = 12;
const lane = { least: 3, most: 22, room: 560 } as const;

/** What is drawn. */
export interface Scene {
  readonly lanes: Lanes;
  readonly span: Span;
  /** Where what has happened ends. */
  readonly endMs: number;
  readonly selected: number | undefined;
}

export class TimelinePainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #rows = new OffscreenCanvas(1, 1);
  #image = new ImageData(1, 1);
  #states = new Uint32Array();
  #theme = { panel: "", text: "", faint: "" };
  #width = 0;
  #laneHeight = 0;
  #ratio = 1;

  /** @param resized called when it has another width, and has to be drawn again */
  constructor(canvas: HTMLCanvasElement, resized: () => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false })!;
    this.recolour();
    new ResizeObserver(([entry]) => {
      this.#width = Math.max(1, Math.floor(entry!.contentRect.width));
      resized();
    }).observe(canvas.parentElement!);
  }

  /** Its colours are the style sheet's, which may have changed. */
  recolour(): void {
    const style = getComputedStyle(document.documentElement);
    const value = (name: string) => style.getPropertyValue(name).trim();
    this.#states = Uint32Array.from(colours(), pixelOf);
    this.#theme = { panel: value("--panel"), text: value("--text"), faint: value("--faint") };
  }

  /** How much time is one pixel, in ms. */
  msPerPixel({ fromMs, untilMs }: Span): number {
    return (untilMs - fromMs) / this.#columns;
  }

  paint(scene: Scene): void {
    if (this.#width === 0) return;
    this.#fit(scene.lanes.count);
    this.#paintLanes(scene);
    this.#paintLabels(scene);
    this.#paintAxis(scene);
  }

  get #columns(): number {
    return Math.max(1, Math.floor((this.#width - labelWidth) * this.#ratio));
  }

  /** Makes the canvas as large as it is shown, in real pixels. */
  #fit(count: number): void {
    this.#ratio = window.devicePixelRatio || 1;
    this.#laneHeight = Math.min(lane.most, Math.max(lane.least, Math.floor(lane.room / count)));
    const height = count * this.#laneHeight + axisHeight;
    const [w, h] = [Math.floor(this.#width * this.#ratio), Math.floor(height * this.#ratio)];
    if (this.#canvas.width !== w || this.#canvas.height !== h) {
      this.#canvas.width = w;
      this.#canvas.height = h;
      this.#canvas.style.width = `${this.#width}px`;
      this.#canvas.style.height = `${height}px`;
    }
    if (this.#image.width === this.#columns && this.#image.height === count) return;
    this.#image = new ImageData(this.#columns, count);
    this.#rows = new OffscreenCanvas(this.#columns, count);
  }

  /** One row of pixels for each lane, drawn as high as lanes are in one go. */
  #paintLanes({ lanes, span, endMs }: Scene): void {
    const columns = this.#columns;
    const pixels = new Uint32Array(this.#image.data.buffer);
    for (let i = 0; i < lanes.count; i++)
      lanes.paint(i, pixels.subarray(i * columns, (i + 1) * columns), span.fromMs, span.untilMs, endMs, this.#states);
    this.#rows.getContext("2d")!.putImageData(this.#image, 0, 0);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.#theme.panel;
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.imageSmoothingEnabled = false;
    const height = lanes.count * this.#laneHeight * this.#ratio;
    context.drawImage(this.#rows, labelWidth * this.#ratio, 0, columns, height);
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    if (this.#laneHeight > 6)
      for (let i = 1; i < lanes.count; i++) context.fillRect(labelWidth, i * this.#laneHeight - 1, this.#width, 1);
  }

  #paintLabels({ lanes, selected }: Scene): void {
    const context = this.#context;
    const height = this.#laneHeight;
    context.font = "11px ui-monospace, monospace";
    context.textAlign = "right";
    context.textBaseline = "middle";
    const every = Math.max(1, Math.ceil(13 / height));
    context.fillStyle = this.#theme.faint;
    if (height >= 12) context.fillText("job", labelWidth - 6, height / 2);
    for (let rank = 0; rank < lanes.count - 1; rank += every)
      if (rank !== selected)
        context.fillText(String(rank), labelWidth - 6, Math.max(labelHeight / 2, (rank + 1.5) * height));
    if (selected === undefined) return;
    context.fillStyle = this.#theme.text;
    context.fillText(String(selected), labelWidth - 6, (selected + 1.5) * height);
    context.strokeStyle = this.#theme.text;
    context.lineWidth = 1.5;
    context.strokeRect(labelWidth, (selected + 1) * height, this.#width - labelWidth - 1, height);
  }

  #paintAxis({ lanes, span: { fromMs, untilMs } }: Scene): void {
    const context = this.#context;
    const top = lanes.count * this.#laneHeight;
    const room = this.#width - labelWidth;
    const step = tickStep(untilMs - fromMs, room / 90);
    const start = lanes.firstMs ?? fromMs;
    context.fillStyle = this.#theme.faint;
    context.textAlign = "center";
    for (let i = Math.max(0, Math.ceil((fromMs - start) / step)); start + i * step <= untilMs; i++) {
      const x = labelWidth + ((start + i * step - fromMs) / (untilMs - fromMs)) * room;
      context.fillRect(x, top, 1, 5);
      if (x > labelWidth + 20 && x < this.#width - 24)
        context.fillText(i === 0 ? "0" : formatMoment(i * step), x, top + 14);
    }
  }
}

/** A moment of the job, as fine as it needs to be. */
export function formatMoment(ms: number): string {
  if (Math.abs(ms) < 1) return `${Math.round(ms * 1000)} µs`;
  if (Math.abs(ms) < 1000) return `${Number(ms.toFixed(2))} ms`;
  return Math.abs(ms) < 60_000 ? `${Number((ms / 1000).toFixed(3))} s` : formatDuration(Math.abs(ms));
}

/** A colour as a pixel of an ImageData, on a machine whose lowest byte comes first, as all are that browsers run on. */
function pixelOf(colour: string): number {
  const [r, g, b] = rgbOf(colour);
  return ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
}
