/**
 * The timeline's data: for the job (lane 0) and each rank (its number + 1) when it entered which state, in flat arrays, so
 * that 100,000 transitions are painted in a few milliseconds.
 */

/** One stretch of a lane: a state, from when until when; `untilMs` is undefined while it lasts. */
export interface Stretch {
  readonly state: number;
  readonly fromMs: number;
  readonly untilMs: number | undefined;
}

/** Scratch: how long each state lasted. */
const shares = new Float64Array(8);

class Lane {
  times = new Float64Array(64);
  states = new Uint8Array(64);
  length = 0;

  push(timeMs: number, state: number): void {
    if (this.length === this.times.length) this.#grow();
    // Clocks may be set back; a lane's order is that in which its host told.
    this.times[this.length] = Math.max(timeMs, this.times[this.length - 1] ?? timeMs);
    this.states[this.length++] = state;
  }

  /** The last place whose time is not after `timeMs`; −1 before the first. */
  placeAt(timeMs: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The state that lasted longest between two moments, which the stretches from place `first` to place `last` fill. */
  longest(first: number, last: number, fromMs: number, untilMs: number): number {
    const { times, states } = this;
    if (first === last) return states[first]!;
    if (last === first + 1) {
      const change = times[last]!;
      return change - fromMs >= untilMs - change ? states[first]! : states[last]!;
    }
    shares.fill(0);
    for (let place = first; place <= last; place++) {
      const begin = place === first ? fromMs : times[place]!;
      shares[states[place]!]! += (place === last ? untilMs : times[place + 1]!) - begin;
    }
    let best = 0;
    for (let state = 1; state < shares.length; state++) if (shares[state]! > shares[best]!) best = state;
    return best;
  }

  #grow(): void {
    const [times, states] = [this.times, this.states];
    this.times = new Float64Array(2 * times.length);
    this.states = new Uint8Array(2 * states.length);
    this.times.set(times);
    this.states.set(states);
  }
}

export class Lanes {
  #lanes: Lane[] = [];
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  get count(): number {
    return this.#lanes.length;
  }

  /** When the first transition was; undefined when there is none. */
  get firstMs(): number | undefined {
    return this.#firstMs === Number.POSITIVE_INFINITY ? undefined : this.#firstMs;
  }

  get lastMs(): number | undefined {
    return this.firstMs === undefined ? undefined : this.#lastMs;
  }

  /** @param count lanes there should be at least */
  widen(count: number): void {
    while (this.#lanes.length < count) this.#lanes.push(new Lane());
  }

  add(lane: number, timeMs: number, from: number, to: number): void {
    this.widen(lane + 1);
    const row = this.#lanes[lane]!;
    // What was before the first transition that is known lasted since nobody knows when.
    if (row.length === 0) row.push(Number.NEGATIVE_INFINITY, from);
    row.push(timeMs, to);
    this.#firstMs = Math.min(this.#firstMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs, timeMs);
  }

  at(lane: number, timeMs: number): Stretch | undefined {
    const row = this.#lanes[lane];
    const place = row?.placeAt(timeMs) ?? -1;
    if (!row || place < 0) return undefined;
    return {
      state: row.states[place]!,
      fromMs: row.times[place]!,
      untilMs: place + 1 < row.length ? row.times[place + 1] : undefined,
    };
  }

  /**
   * Paints a lane as a row of pixels over the time from `fromMs` to `untilMs`, each in the colour of the state that lasted
   * longest within it. Past `nowMs` nothing is painted.
   *
   * @param colours of the states, as pixels
   */
  paint(lane: number, row: Uint32Array, fromMs: number, untilMs: number, nowMs: number, colours: Uint32Array): void {
    const source = this.#lanes[lane];
    if (!source || source.length === 0) return void row.fill(0);
    const { times, states, length } = source;
    const perPixel = (untilMs - fromMs) / row.length;
    const end = Math.max(0, Math.min(row.length, Math.ceil((nowMs - fromMs) / perPixel)));
    row.fill(0, end);
    let place = Math.max(0, source.placeAt(fromMs));
    for (let x = 0; x < end; ) {
      // As long as one state lasts, its pixels are filled in one go.
      const pure = place + 1 >= length ? end : Math.min(end, Math.floor((times[place + 1]! - fromMs) / perPixel));
      if (pure > x) {
        row.fill(colours[states[place]!]!, x, pure);
        x = pure;
        continue;
      }
      const right = fromMs + (x + 1) * perPixel;
      const first = place;
      while (place + 1 < length && times[place + 1]! < right) place++;
      row[x] = colours[source.longest(first, place, right - perPixel, right)]!;
      x++;
    }
  }
}
