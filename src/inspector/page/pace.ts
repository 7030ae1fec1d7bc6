/**
 * When the page is drawn. What the driver tells is drawn a few times a second, as often as a person sees numbers change, since drawing
 * takes processor time that on this machine may be the job's. What the person at the page does is drawn with the next frame.
 * A page that nobody can see gets no frames from its browser, and draws nothing.
 */

/** Between two drawings of what is told, in ms. */
const drawEveryMs = 240;

export class Pace {
  readonly #draw: () => boolean;
  #frame = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawnMs = Number.NEGATIVE_INFINITY;

  /** @param draw returns true when the next frame is wanted as well */
  constructor(draw: () => boolean) {
    this.#draw = draw;
  }

  /** With the next frame. */
  now(): void {
    if (this.#frame) return;
    this.#frame = true;
    requestAnimationFrame(() => this.#onFrame());
  }

  /** When it is due. */
  soon(): void {
    const left = this.#drawnMs + drawEveryMs - performance.now();
    if (left <= 0) return this.now();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.now();
    }, left);
  }

  #onFrame(): void {
    this.#frame = false;
    this.#drawnMs = performance.now();
    if (this.#draw()) this.now();
  }
}
