/** Parts and bytes per second over the life of the job, plotted by uPlot. */
import uPlot from "uplot";
import { formatBytes, formatCount, formatDuration } from "../../terminal/format.ts";
import type { Sample } from "../protocol.ts";
import { byId } from "./dom.ts";
import type { Model } from "./model.ts";
import { colours, numberOf } from "./states.ts";

type Columns = [seconds: number[], parts: (number | null)[], bytes: (number | null)[]];

const windowMs = 2000;
/** Between two drawings while the job runs, in ms. */
const redrawMs = 1000;

export class RatesPanel {
  readonly #place = byId("rates");
  #plot: uPlot | undefined;
  #shown: readonly Sample[] | undefined;
  #count = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor() {
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#place);
  }

  show({ samples, state }: Model): void {
    if (samples === this.#shown && samples.length === this.#count) return;
    const now = performance.now();
    if (this.#plot && state?.job?.phase === "running" && now - this.#drawnMs < redrawMs) return;
    this.#drawnMs = now;
    this.#shown = samples;
    this.#count = samples.length;
    this.#plot ??= this.#make();
    this.#plot.setData(columnsOf(samples));
  }

  /** Its colours are the style sheet's, which may have changed. */
  recolour(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#shown = undefined;
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(240, this.#place.clientWidth), height: 180 };
  }

  #make(): uPlot {
    const style = getComputedStyle(document.documentElement);
    const [text, grid] = [style.getPropertyValue("--text").trim(), style.getPropertyValue("--line").trim()];
    const all = colours();
    const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    return new uPlot(
      {
        ...this.#size(),
        scales: { x: { time: false }, parts: { range: fromZero }, bytes: { range: fromZero } },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((tick) => formatDuration(tick * 1000)) },
          { ...axis, scale: "parts", size: 64, values: (_, ticks) => ticks.map((tick) => formatCount(tick)) },
          {
            ...axis,
            scale: "bytes",
            side: 1,
            size: 72,
            grid: { show: false },
            values: (_, ticks) => ticks.map(formatBytes),
          },
        ],
        series: [
          { label: "at", value: (_, v) => shown(v, (seconds) => formatDuration(seconds * 1000)) },
          {
            label: "parts/s",
            scale: "parts",
            stroke: all[numberOf("computing")]!,
            width: 2,
            points: { show: false },
            value: (_, v) => shown(v, formatCount),
          },
          {
            label: "bytes/s (dashed)",
            scale: "bytes",
            stroke: all[numberOf("reducing")]!,
            width: 2,
            dash: [6, 4],
            points: { show: false },
            value: (_, v) => shown(v, formatBytes),
          },
        ],
      },
      [[], [], []],
      this.#place,
    );
  }
}

function fromZero(_: uPlot, __: number, max: number): [number, number] {
  return [0, max > 0 ? max * 1.1 : 1];
}

function shown(value: number | null, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

/** Each over the last moments before it, since parts come in batches. */
function columnsOf(samples: readonly Sample[]): Columns {
  const columns: Columns = [[], [], []];
  let first = 0;
  for (let i = 1; i < samples.length; i++) {
    const [timeMs, parts, , bytes] = samples[i]!;
    while (first < i - 1 && samples[first + 1]![0] <= timeMs - windowMs) first++;
    const [beforeMs, partsBefore, , bytesBefore] = samples[first]!;
    const seconds = (timeMs - beforeMs) / 1000;
    columns[0].push((timeMs - samples[0]![0]) / 1000);
    columns[1].push((parts - partsBefore) / seconds);
    columns[2].push((bytes - bytesBefore) / seconds);
  }
  return columns;
}
