/**
 * The epochs of a window, MPI 4.1 section 12.5: when a rank may access the memory of which others (after a fence, or under a lock), and
 * what has to be done there before the epoch is over.
 */
import { expected, UsageError } from "../../errors.ts";
import type { Messenger } from "../messenger.ts";
import { Request } from "../request.ts";
import type { Sequence } from "./sequence.ts";
import type { Target } from "./target.ts";
import type { ExposedMemory } from "./window-memory.ts";

export interface LockOptions {
  /** Others may share it. Default false: this rank has it alone. */
  readonly shared?: boolean;
}

/** A rank's memory in a window. */
export interface WindowPart {
  readonly length: number;
  readonly target: Target;
  /** Of ranks of this host. */
  readonly memory: ExposedMemory | undefined;
}

/** What a window needs of its communicator, which is its own. */
export interface WindowHome {
  readonly rank: number;
  readonly size: number;
  ibarrier(): Request<void>;
  freeSync(): void;
  free(): Promise<void>;
}

export class Epoch {
  readonly #home: WindowHome;
  readonly #messenger: Messenger;
  readonly #parts: readonly WindowPart[];
  /** Whom this rank has reached since the last fence or flush. */
  readonly #touched = new Set<number>();
  /** By rank: true when it is locked for this rank alone. */
  readonly #locked = new Map<number, boolean>();
  #lockedAll = false;
  #fenced = false;
  #freed = false;

  constructor(home: WindowHome, messenger: Messenger, parts: readonly WindowPart[]) {
    this.#home = home;
    this.#messenger = messenger;
    this.#parts = parts;
  }

  /** This rank is about to access that rank's memory. @throws UsageError when it has begun no epoch for it */
  access(target: number): void {
    this.#checkUsable();
    if (!this.#fenced && !this.#lockedAll && !this.#locked.has(target))
      throw new UsageError(
        `this rank may not access the window of rank ${target} yet: call fence on all ranks, or lock, first.`,
      );
    this.#touched.add(target);
  }

  /** The window was freed. */
  end(): void {
    this.#freed = true;
  }

  *fence(): Sequence<void> {
    this.#checkUsable();
    if (this.#locked.size > 0 || this.#lockedAll)
      throw new UsageError("a fence ends no locks: unlock first what this rank has locked.");
    yield* this.flushAll();
    this.#touched.clear();
    yield this.#home.ibarrier();
    this.#fenced = true;
  }

  *lock(target: number, { shared = false }: LockOptions): Sequence<void> {
    this.#checkUsable();
    const part = partOf(this.#parts, target);
    if (this.#lockedAll || this.#locked.has(target))
      throw new UsageError(`this rank has locked the window of rank ${target} already.`);
    yield this.#request(part.target.lock(!shared));
    this.#locked.set(target, !shared);
  }

  *unlock(target: number): Sequence<void> {
    const part = partOf(this.#parts, target);
    const exclusive = this.#locked.get(target);
    if (exclusive === undefined) throw new UsageError(`this rank has not locked the window of rank ${target}.`);
    this.#locked.delete(target);
    this.#touched.delete(target);
    yield this.#request(part.target.unlock(exclusive));
  }

  /** In the order of ranks, as everybody: who has locked one alone waits for no other. */
  *lockAll(): Sequence<void> {
    this.#checkUsable();
    if (this.#lockedAll || this.#locked.size > 0)
      throw new UsageError("this rank has locked the window already, or a part of it.");
    for (const { target } of this.#parts) yield this.#request(target.lock(false));
    this.#lockedAll = true;
  }

  *unlockAll(): Sequence<void> {
    if (!this.#lockedAll) throw new UsageError("this rank has not locked all of the window.");
    this.#lockedAll = false;
    this.#touched.clear();
    for (const { target } of this.#parts) yield this.#request(target.unlock(false));
  }

  flushAll(): Sequence<void> {
    return this.flush([...this.#touched]);
  }

  *flush(targets: readonly number[]): Sequence<void> {
    this.#checkUsable();
    const requests = targets.map((target) => this.#request(partOf(this.#parts, target).target.flush()));
    for (const request of requests) yield request; // all were asked before the first is waited for
  }

  #checkUsable(): void {
    if (this.#freed) throw new UsageError("this window was freed.");
  }

  #request(pending: ReturnType<Target["flush"]>): Request<void> {
    return requestOf(this.#messenger, pending, undefined);
  }
}

/** @throws UsageError when there is no such rank */
export function partOf(parts: readonly WindowPart[], rank: number): WindowPart {
  const part = parts[rank];
  if (!part) throw expected("target", `a rank from 0 to ${parts.length - 1}`, rank);
  return part;
}

/** A request that is over when what was asked of a target is, with this result. */
export function requestOf<Result>(
  messenger: Messenger,
  pending: ReturnType<Target["flush"]>,
  result: Result,
): Request<Result> {
  return new Request<Result>(messenger, {
    what: pending.what,
    get isOver() {
      return pending.isOver;
    },
    get hasFailed() {
      return pending.hasFailed;
    },
    waits: () => pending.waits(),
    result() {
      pending.result();
      return result;
    },
    cancel: () => pending.cancel(),
  });
}
