/** Traffic by pair of ranks, up to hundreds of them: a square of cells on a canvas, read by pointing at it or with the arrow keys. */
import { formatBytes, formatCount } from "../../terminal/format.ts";
import type { RankTraffic } from "../protocol.ts";
import { setText } from "./dom.ts";
import { leastWords } from "./least-words.ts";
import { rgbOf } from "./states.ts";

/** The side of a cell, in pixels of the style sheet. */
const cell = { least: 1, most: 28, room: 560 } as const;
const labels = { left: 34, top: 20 } as const;

interface Place {
  readonly from: number;
  readonly to: number;
}

export class RankHeat {
  readonly #canvas: HTMLCanvasElement;
  readonly #words: Element;
  readonly #context: CanvasRenderingContext2D;
  #size = 0;
  #traffic: RankTraffic["pairs"] = [];
  /** By sender and receiver, where their four numbers begin. */
  #places = new Map<number, number>();
  /** What the pointer or the keyboard is at. */
  #at: Place | undefined;
  #width = 0;
  #stale = true;

  constructor(canvas: HTMLCanvasElement, words: Element) {
    this.#canvas = canvas;
    this.#words = words;
    this.#context = canvas.getContext("2d", { alpha: false })!;
    canvas.addEventListener("pointermove", (event) => this.#point(this.#placeOf(event)));
    canvas.addEventListener("pointerleave", () => this.#point(undefined));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#point(undefined));
  }

  /** True when it has to be drawn again though nothing has been told. */
  get isStale(): boolean {
    return this.#stale;
  }

  onResize(changed: () => void): void {
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry!.contentRect.width);
      if (width === this.#width) return;
      this.#width = width;
      this.#stale = true;
      changed();
    }).observe(this.#canvas.parentElement!);
  }

  /** Its colours are the style sheet's, which may have changed. */
  recolour(): void {
    this.#stale = true;
  }

  show(size: number, { pairs }: RankTraffic): void {
    if (!this.#stale && size === this.#size && pairs === this.#traffic) return;
    if (pairs !== this.#traffic || size !== this.#size) this.#index(size, pairs);
    this.#stale = false;
    this.#paint();
    this.#describe();
  }

  #index(size: number, traffic: RankTraffic["pairs"]): void {
    this.#size = size;
    this.#traffic = traffic;
    this.#places = new Map();
    for (let i = 0; i < traffic.length; i += 4) this.#places.set(traffic[i]! * size + traffic[i + 1]!, i);
  }

  /** As large as there is room for. */
  get #cell(): number {
    const room = Math.min(cell.room, Math.max(0, this.#width - labels.left));
    return Math.min(cell.most, Math.max(cell.least, Math.floor(room / this.#size)));
  }

  #paint(): void {
    const side = this.#cell;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [labels.left + this.#size * side + 1, labels.top + this.#size * side + 1];
    const canvas = this.#canvas;
    [canvas.width, canvas.height] = [Math.ceil(width * ratio), Math.ceil(height * ratio)];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
    const context = this.#context;
    const theme = getComputedStyle(document.documentElement);
    const colour = (name: string) => theme.getPropertyValue(name).trim();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colour("--panel");
    context.fillRect(0, 0, width, height);
    context.fillStyle = colour("--back");
    context.fillRect(labels.left, labels.top, this.#size * side, this.#size * side);
    this.#paintCells(side, rgbOf(colour("--panel")), rgbOf(colour("--scattering")));
    context.strokeStyle = colour("--line");
    context.strokeRect(labels.left - 0.5, labels.top - 0.5, this.#size * side + 1, this.#size * side + 1);
    this.#paintLabels(side, colour("--faint"));
    if (!this.#at) return;
    context.strokeStyle = colour("--text");
    context.lineWidth = 2;
    context.strokeRect(labels.left + this.#at.to * side - 1, labels.top + this.#at.from * side - 1, side + 2, side + 2);
  }

  /** By the root: what is a hundredth of the most is still to be seen. */
  #paintCells(side: number, none: readonly number[], full: readonly number[]): void {
    const traffic = this.#traffic;
    let most = 1;
    for (let i = 3; i < traffic.length; i += 4) most = Math.max(most, traffic[i]!);
    const gap = side > 6 ? 1 : 0;
    for (let i = 0; i < traffic.length; i += 4) {
      const heat = 0.3 + 0.7 * Math.sqrt(traffic[i + 3]! / most);
      const [r, g, b] = none.map((from, c) => Math.round(from + (full[c]! - from) * heat));
      this.#context.fillStyle = `rgb(${r} ${g} ${b})`;
      const [x, y] = [labels.left + traffic[i + 1]! * side, labels.top + traffic[i]! * side];
      this.#context.fillRect(x, y, side - gap, side - gap);
    }
  }

  #paintLabels(side: number, colour: string): void {
    const context = this.#context;
    context.fillStyle = colour;
    context.font = "11px ui-monospace, monospace";
    context.textBaseline = "middle";
    const every = roundUp(Math.max(1, Math.ceil(24 / side)));
    for (let rank = 0; rank < this.#size; rank += every) {
      const middle = (rank + 0.5) * side;
      context.textAlign = "right";
      context.fillText(String(rank), labels.left - 5, labels.top + middle);
      if (middle + context.measureText(String(rank)).width / 2 > this.#size * side) continue; // it would be cut off
      context.textAlign = "center";
      context.fillText(String(rank), labels.left + middle, labels.top / 2);
    }
  }

  #placeOf({ offsetX, offsetY }: MouseEvent): Place | undefined {
    const side = this.#cell;
    const [to, from] = [Math.floor((offsetX - labels.left) / side), Math.floor((offsetY - labels.top) / side)];
    return this.#has(from) && this.#has(to) ? { from, to } : undefined;
  }

  #has(rank: number): boolean {
    return rank >= 0 && rank < this.#size;
  }

  #key(event: KeyboardEvent): void {
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { from, to } = this.#at ?? { from: 0, to: 0 };
    const next = this.#at ? { from: from + move[0], to: to + move[1] } : { from, to };
    if (this.#has(next.from) && this.#has(next.to)) this.#point(next);
  }

  #point(place: Place | undefined): void {
    if (place?.from === this.#at?.from && place?.to === this.#at?.to) return;
    this.#at = place;
    this.#paint();
    this.#describe();
  }

  #describe(): void {
    setText(this.#words, this.#at ? this.#wordsFor(this.#at) : hint);
  }

  #wordsFor({ from, to }: Place): string {
    const place = this.#places.get(from * this.#size + to);
    const [messages, bytes] = place === undefined ? [0, 0] : [this.#traffic[place + 2]!, this.#traffic[place + 3]!];
    const amount =
      messages === 0
        ? "nothing"
        : `${formatBytes(bytes)} in ${formatCount(messages)} ${messages === 1 ? "message" : "messages"}`;
    return `rank ${from} to rank ${to}: ${amount}`;
  }
}

const hint = "Rows send, columns receive. Point at a cell, or use the arrow keys.";

/** Of all pairs, beside the least that could have done. */
export function rankTotals({ pairs, leastBytes }: RankTraffic): string {
  let [messages, bytes] = [0, 0];
  for (let i = 0; i < pairs.length; i += 4) {
    messages += pairs[i + 2]!;
    bytes += pairs[i + 3]!;
  }
  return messages === 0
    ? ""
    : `${formatBytes(bytes)} in ${formatCount(messages)} messages${leastWords(bytes, leastBytes)}`;
}

/** 1, 2, 5, 10, 20 … */
function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(count));
  return power * [1, 2, 5, 10].find((step) => step * power >= count)!;
}
