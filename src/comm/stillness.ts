/**
 * Notices that a rank has come to rest in its waits, and tells where it stands. Costs a rank that gets messages next to nothing: only one
 * that has waited for a while tells anything, and once more when it goes on.
 */
import type { Standing, Wait } from "./wait-for.ts";

/** What a rank waits for at a moment. */
export interface Awaited {
  readonly waits: readonly Wait[];
  readonly any: boolean;
  /** False when something else than a message may end it: a time-out, a timer, what the thread reads or listens to. */
  readonly certain: boolean;
}

/** What it needs of its rank. */
export interface StillnessSurroundings {
  /** Where the rank stands from now on; undefined: it goes on. */
  tell(standing: Standing | undefined): void;
  /** Of fragments, by rank; whose inboxes are full; and what was not received. */
  traffic(): Pick<Standing, "sent" | "taken" | "blocked" | "unreceived">;
}

/** How long a rank has to be still before it tells, in ms. */
const stillMs = 50;

/** Of many requests that are waited for together, so many are told. */
const mostWaits = 64;

const told = { nothing: 0, uncertain: 1, certain: 2 } as const;

export class Stillness {
  readonly #around: StillnessSurroundings;
  #sinceMs = 0;
  #told: number = told.nothing;

  constructor(around: StillnessSurroundings) {
    this.#around = around;
  }

  /** Something moved, or other things are waited for now. */
  stir(): void {
    if (this.#sinceMs === 0) return;
    this.#sinceMs = 0;
    if (this.#told === told.nothing) return;
    this.#told = told.nothing;
    this.#around.tell(undefined);
  }

  /** Nothing has come, and the rank is about to sleep. */
  look(nowMs: number, awaited: () => Awaited): void {
    if (this.#sinceMs === 0) this.#sinceMs = nowMs;
    if (nowMs - this.#sinceMs < stillMs || this.#told === told.certain) return;
    const { any, ...rest } = awaited();
    const waits = rest.waits.slice(0, mostWaits);
    const certain = rest.certain && !(any && waits.length < rest.waits.length);
    if (this.#told === told.uncertain && !certain) return;
    this.#told = certain ? told.certain : told.uncertain;
    this.#around.tell({ doing: "waiting", waits, any, certain, ...this.#around.traffic() });
  }

  /** The rank has done its part, and all that it sent has left. */
  finish(): void {
    this.#around.tell({ doing: "finished", waits: [], any: false, certain: true, ...this.#around.traffic() });
  }
}
