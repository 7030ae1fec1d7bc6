/**
 * How a rank waits for messages: it takes what has come, looks again for a while, and sleeps when nothing comes; by blocking its thread, or
 * beside what else the thread does. Knows nothing of messages.
 */
import { CommunicationTimeoutError } from "../errors.ts";
import type { CoreYield } from "./core-yield.ts";
import { Patience } from "./patience.ts";
import type { Awaited, Stillness } from "./stillness.ts";
import type { Wait } from "./wait-for.ts";

/** What can be waited for. */
export interface Awaitable {
  readonly isOver: boolean;
  /** For errors: `recv from rank 2, tag 7`. */
  readonly what: string;
  /** Whom it needs now; missing where no rank can be named. */
  readonly waits?: (() => readonly Wait[]) | undefined;
  /** True when any of its waits may end it, and not only all. */
  readonly any?: boolean | undefined;
}

/** What waiting needs. */
export interface WaitingSurroundings {
  /** Takes what has come, and sends what can go. True when anything moved. */
  progress(): boolean;
  /** Blocks the thread until something may have come; at most `timeoutMs`. */
  sleep(timeoutMs: number): void;
  /** The same as a promise. */
  rest(timeoutMs: number): Promise<void>;
  /** True when the thread's event loop holds nothing but these waits. */
  isQuiet(): boolean;
  /** Ends what waits when the job was cancelled. */
  raiseIfCancelled(): void;
  /** How to let others have the core; undefined where each rank of this host has one of its own. */
  readonly coreYield: CoreYield | undefined;
}

interface Waiter {
  readonly awaited: Awaitable;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  finish(): void;
  reject(error: unknown): void;
}

/** How often a sleeping rank looks whether its job was cancelled, in ms. */
const lookEveryMs = 10;
/** Looks at the inbox between two looks at the clock. */
const spins = 32;
/** So long may messages that come at once keep the thread from its timers and sockets, in ms. */
const turnMs = 1;
const noLimit = Number.POSITIVE_INFINITY;

export class Waiting {
  readonly #around: WaitingSurroundings;
  readonly #stillness: Stillness;
  readonly #patience: Patience;
  readonly #waiters = new Set<Waiter>();
  readonly #whenQuiet: (() => void)[] = [];
  /** A look is on its way; a sleep has begun. Both may be: what begins to wait meanwhile looks for itself. */
  #isToLook = false;
  #rests = false;
  /** When the event loop has last gone round. */
  #lastTurnMs = 0;
  #closed: Error | undefined;

  constructor(around: WaitingSurroundings, stillness: Stillness) {
    this.#around = around;
    this.#stillness = stillness;
    this.#patience = new Patience(around.coreYield);
  }

  /** Blocks the thread until it is over. @throws CommunicationTimeoutError; what cancels the kernel when its job was cancelled */
  blockUntil(awaited: Awaitable, timeoutMs: number): void {
    this.#around.progress();
    if (awaited.isOver) return;
    this.#stillness.stir();
    const deadlineMs = performance.now() + timeoutMs;
    for (let moved = true; ; moved = this.#around.progress()) {
      // Without mail too: what is waited for may be no message, but a lock in shared memory.
      if (awaited.isOver) return;
      const found = moved ? this.#spin(() => awaited.isOver) : "still";
      if (found === "over" || awaited.isOver) return;
      this.#around.raiseIfCancelled();
      const now = performance.now();
      if (now >= deadlineMs) throw timedOut(awaited, timeoutMs);
      if (found === "busy") continue;
      this.#stillness.look(now, () => standingOf([{ awaited, timeoutMs }], true));
      this.#around.sleep(Math.min(deadlineMs - now, lookEveryMs));
    }
  }

  /** Resolves with what `result` gives when it is over. */
  until<Result>(awaited: Awaitable, timeoutMs: number, result: () => Result): Promise<Result> {
    this.#around.progress();
    if (awaited.isOver) return promised(result);
    if (this.#closed) return Promise.reject(this.#closed);
    this.#stillness.stir();
    return new Promise((resolve, reject) => {
      const deadlineMs = timeoutMs === noLimit ? noLimit : performance.now() + timeoutMs;
      const finish = () => {
        try {
          resolve(result());
        } catch (error) {
          reject(error);
        }
      };
      this.#waiters.add({ awaited, deadlineMs, timeoutMs, finish, reject });
      this.#lookSoon();
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Whoever waits is told so. */
  close(): void {
    this.#closed = new Error("the job is over");
    for (const waiter of this.#waiters) this.#settle(waiter, () => waiter.reject(this.#closed));
  }

  /** While somebody waits (not blocking): resolves when nobody does any more. */
  get pending(): Promise<void> | undefined {
    if (this.#waiters.size === 0) return undefined;
    return new Promise((resolve) => this.#whenQuiet.push(resolve));
  }

  /**
   * Looks again and again: until `isOver` after something has moved, until nothing has moved for as long as the rank is patient, or
   * until things have moved for so long that others must have their turn.
   */
  #spin(isOver: () => boolean): "over" | "still" | "busy" {
    const patienceMs = this.#patience.ms;
    const fromMs = performance.now();
    for (let lastMs = fromMs, now = fromMs; now - lastMs < patienceMs; now = performance.now()) {
      if (now - fromMs > turnMs) return "busy";
      for (let i = 0; i < spins; i++) {
        if (!this.#around.progress()) continue;
        if (isOver()) {
          this.#patience.rewarded();
          return "over";
        }
        lastMs = now;
      }
      this.#patience.pause();
    }
    this.#patience.disappointed();
    return "still";
  }

  /** When the thread has nothing else to do at once; and now and then, when its event loop has gone round. */
  #lookSoon(): void {
    if (this.#isToLook) return;
    this.#isToLook = true;
    if (performance.now() - this.#lastTurnMs < turnMs) process.nextTick(this.#look);
    else setImmediate(this.#lookInTurn);
  }

  readonly #lookInTurn = (): void => {
    this.#lastTurnMs = performance.now();
    this.#look();
  };

  readonly #look = (): void => {
    this.#isToLook = false;
    const found = this.#serve() ? "over" : this.#spin(this.#serve);
    this.#goOn(this.#serve() || found !== "still");
  };

  readonly #wake = (): void => {
    this.#rests = false;
    this.#lastTurnMs = performance.now();
    const moved = this.#around.progress();
    this.#goOn(this.#serve() || moved);
  };

  #goOn(moved: boolean): void {
    if (this.#waiters.size === 0) for (const tell of this.#whenQuiet.splice(0)) tell();
    else if (moved) this.#lookSoon();
    else if (!this.#rests) this.#rest();
  }

  #rest(): void {
    this.#rests = true;
    this.#stillness.look(performance.now(), () => standingOf([...this.#waiters], this.#around.isQuiet()));
    void this.#around.rest(lookEveryMs).then(this.#wake);
  }

  /** Ends the waits of those whose time has come. True when there were any. */
  readonly #serve = (): boolean => {
    let any = false;
    for (const waiter of this.#waiters) any = this.#serveOne(waiter) || any;
    return any;
  };

  #serveOne(waiter: Waiter): boolean {
    const { awaited, deadlineMs, timeoutMs } = waiter;
    if (awaited.isOver) return this.#settle(waiter, waiter.finish);
    if (deadlineMs !== noLimit && performance.now() >= deadlineMs) {
      this.#around.progress(); // it may have come in time, while the thread did something else
      return this.#settle(waiter, () =>
        awaited.isOver ? waiter.finish() : waiter.reject(timedOut(awaited, timeoutMs)),
      );
    }
    try {
      this.#around.raiseIfCancelled();
      return false;
    } catch (error) {
      return this.#settle(waiter, () => waiter.reject(error));
    }
  }

  #settle(waiter: Waiter, how: () => void): true {
    this.#waiters.delete(waiter);
    this.#stillness.stir();
    how();
    return true;
  }
}

/** What a rank waits for; of several that wait, each may go on by itself. */
function standingOf(waiters: readonly Pick<Waiter, "awaited" | "timeoutMs">[], isQuiet: boolean): Awaited {
  return {
    waits: waiters.flatMap(({ awaited }) => awaited.waits?.() ?? []),
    any: waiters.length > 1 || waiters.some(({ awaited }) => awaited.any),
    certain: isQuiet && waiters.every(({ awaited, timeoutMs }) => timeoutMs === noLimit && awaited.waits !== undefined),
  };
}

/** As an asynchronous function, without its costs. */
export function promised<Result>(result: () => Result | Promise<Result>): Promise<Result> {
  try {
    return Promise.resolve(result());
  } catch (error) {
    return Promise.reject(error);
  }
}

function timedOut({ what }: Awaitable, timeoutMs: number): CommunicationTimeoutError {
  return new CommunicationTimeoutError(`${what} took longer than its time-out of ${timeoutMs} ms.`);
}
