/**
 * The story of a job: every transition of the job and of its ranks, as typed records. It keeps the last of each, so that
 * who comes late can ask what happened; terminal, page and the user's own observers all read these records.
 */
import type { JobStateName } from "../actors/job-machine.ts";
import { expected } from "../errors.ts";
import type { RankStateName, Transition } from "../wire/messages.ts";

/** A rank's transition as its host reported it, and where it came from. */
export interface RankChange extends Transition {
  readonly from: RankStateName;
}

/** One transition of a job or of one of its ranks. */
export interface TransitionRecord {
  /** Its place in the story, from 1. What a late reader does not find was dropped as too old. */
  readonly seq: number;
  /** When, in ms since 1970, by the clock of the host that it happened on. */
  readonly timeMs: number;
  /** The job's id: `primeSearch#3`. */
  readonly job: string;
  /** Undefined for the job itself. */
  readonly rank: number | undefined;
  readonly host: string;
  /** `lost` is where a rank is whose host is lost. */
  readonly from: JobStateName | RankStateName | "lost";
  readonly to: JobStateName | RankStateName | "lost";
  /** The part that a rank works on, by number: of several small ones together, the first. Undefined for the job itself. */
  readonly part?: number;
  /** The event that the machine took: `kernel.started`. `rank.lost` and `host.back` are the driver's own words for a rank. */
  readonly event: string;
  /** Why, where it is known: the reason of a cancel, the words of a failure. */
  readonly cause?: string;
}

/** What a transition is told as. */
export interface Told extends Omit<TransitionRecord, "seq" | "job" | "part" | "cause"> {
  readonly part?: number | null | undefined;
  readonly cause?: string | null | undefined;
}

/** Who reads a job's story: a function, or an object as XState's actors take it. */
export type RecordObserver =
  | ((record: TransitionRecord) => void)
  | { next?(record: TransitionRecord): void; complete?(): void };

type Reader = Exclude<RecordObserver, (record: TransitionRecord) => void>;

export class Story {
  readonly #job: string;
  readonly #keep: number;
  /** Of the job (under -1) and of each rank; in each the last ones, oldest first. */
  readonly #lanes = new Map<number, TransitionRecord[]>();
  /** Each with the last record before its time. */
  readonly #readers = new Set<{ readonly reader: Reader; readonly after: number }>();
  readonly #untold: TransitionRecord[] = [];
  #telling = false;
  #count = 0;
  #over = false;

  /** @param keep how many transitions of the job, and of each rank, are kept */
  constructor(job: string, keep: number) {
    this.#job = job;
    this.#keep = keep;
  }

  add({ timeMs, rank, host, from, to, event, part, cause }: Told): void {
    const record: { -readonly [Key in keyof TransitionRecord]: TransitionRecord[Key] } = {
      seq: ++this.#count,
      job: this.#job,
      timeMs,
      rank,
      host,
      from,
      to,
      event,
    };
    if (part !== null && part !== undefined) record.part = part;
    if (cause !== null && cause !== undefined) record.cause = cause;
    this.#keepRecord(record);
    if (this.#readers.size === 0) return;
    this.#untold.push(record);
    if (!this.#telling) this.#inOrder(() => {});
  }

  /** How many records are kept. */
  get size(): number {
    let size = 0;
    for (const { length } of this.#lanes.values()) size += Math.min(length, this.#keep);
    return size;
  }

  /** What is kept, in the order in which the driver heard of it; with `last`, at most so many of the job and of each rank. */
  records(last = this.#keep): TransitionRecord[] {
    if (!Number.isSafeInteger(last) || last < 0) throw expected("last", "a whole number of 0 or more", last);
    const count = Math.min(last, this.#keep);
    if (count === 0) return [];
    return [...this.#lanes.values()].flatMap((lane) => lane.slice(-count)).sort((a, b) => a.seq - b.seq);
  }

  /** @param fromStart what is kept is told first */
  observe(observer: RecordObserver, fromStart: boolean): { unsubscribe(): void } {
    const reader = typeof observer === "function" ? { next: observer } : observer;
    if (typeof reader !== "object" || reader === null)
      throw expected("observer", "a function or an object { next, complete }", observer);
    const past = fromStart ? this.records() : [];
    const entry = { reader, after: this.#count };
    if (!this.#over) this.#readers.add(entry);
    this.#inOrder(() => {
      for (const record of past) guarded(() => reader.next?.(record));
    });
    if (this.#over) guarded(() => reader.complete?.());
    return { unsubscribe: () => void this.#readers.delete(entry) };
  }

  /** The job has settled: nothing more comes. */
  end(): void {
    this.#over = true;
    for (const { reader } of this.#readers) guarded(() => reader.complete?.());
    this.#readers.clear();
  }

  /** A reader may cause the next record, by a cancel for example: everybody hears of what was before it first. */
  #inOrder(tell: () => void): void {
    if (this.#telling) return tell();
    this.#telling = true;
    tell();
    for (let record = this.#untold.shift(); record; record = this.#untold.shift()) this.#tellAll(record);
    this.#telling = false;
  }

  #tellAll(record: TransitionRecord): void {
    for (const { reader, after } of this.#readers) if (record.seq > after) guarded(() => reader.next?.(record));
  }

  #keepRecord(record: TransitionRecord): void {
    if (this.#keep === 0) return;
    const key = record.rank ?? -1;
    const lane = this.#lanes.get(key);
    if (!lane) return void this.#lanes.set(key, [record]);
    lane.push(record);
    // Cut in one go, now and then: a shift for each record would move the whole lane.
    if (lane.length >= 2 * this.#keep) lane.splice(0, lane.length - this.#keep);
  }
}

/** An observer that throws must not harm the job: its error surfaces as an uncaught one, as with XState's actors. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
