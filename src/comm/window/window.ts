/**
 * One-sided communication: a window is memory of each rank that the others read and write without its doing anything. MPI 4.1 chapter
 * 12, mpi4py's manners. `get` gives a promise, `getSync` blocks the thread, `rget` gives a request. Offsets and counts are in elements.
 */
import { expected, UsageError } from "../../errors.ts";
import { viewNameOf } from "../../wire/typed-arrays.ts";
import type { Messenger } from "../messenger.ts";
import type { Op } from "../ops.ts";
import { SUM } from "../ops.ts";
import type { Request } from "../request.ts";
import { accessOp } from "./access-ops.ts";
import { Epoch, type LockOptions, partOf, requestOf, type WindowHome, type WindowPart } from "./epoch.ts";
import { inTurn, inTurnSync } from "./sequence.ts";
import type { WindowArray } from "./window-memory.ts";

/** The elements of an array. */
type Element<A extends WindowArray> = A extends BigInt64Array | BigUint64Array ? bigint : number;

/** Where in the target's memory. */
export interface PlaceOptions {
  /** In elements. Default 0. */
  readonly offset?: number;
}

export interface GetOptions<A extends WindowArray> extends PlaceOptions {
  /** How many elements. Default: as `into`, else all from the offset on. */
  readonly count?: number;
  /** Where they go. Default: a new array. */
  readonly into?: A;
}

export interface AccumulateOptions extends PlaceOptions {
  /** A predefined op, `REPLACE` or `NO_OP`. Default `SUM`. */
  readonly op?: Op;
}

export class Window<A extends WindowArray = WindowArray> {
  readonly #home: WindowHome;
  readonly #messenger: Messenger;
  readonly #parts: readonly WindowPart[];
  readonly #release: () => void;
  readonly #epoch: Epoch;

  /** Made by a communicator's `winAllocate`, `winAllocateShared` and `winCreate`. */
  constructor(home: WindowHome, messenger: Messenger, parts: readonly WindowPart[], release: () => void) {
    this.#home = home;
    this.#release = release;
    this.#messenger = messenger;
    this.#parts = parts;
    this.#epoch = new Epoch(home, messenger, parts);
  }

  /** This rank's number among those of the window. */
  get rank(): number {
    return this.#home.rank;
  }

  get size(): number {
    return this.#home.size;
  }

  /** This rank's own memory. */
  get local(): A {
    return this.sharedQuery(this.rank)!;
  }

  /** How many elements a rank has. */
  lengthOf(rank: number): number {
    return this.#part(rank).length;
  }

  /** The memory of a rank of this host itself, to be read and written as any array; undefined for others. MPI_Win_shared_query. */
  sharedQuery(rank: number): A | undefined {
    return this.#part(rank).memory?.view as A | undefined;
  }

  /** Writes there. Resolves when `data` may be changed again; it is there after `flush`, `unlock` or `fence`. MPI_Put. */
  async put(data: A, target: number, options: PlaceOptions = {}): Promise<void> {
    await this.rput(data, target, options).wait();
  }
  putSync(data: A, target: number, options: PlaceOptions = {}): void {
    this.rput(data, target, options).waitSync();
  }
  rput(data: A, target: number, { offset = 0 }: PlaceOptions = {}): Request<void> {
    const { target: reached } = this.#reach(target, data, offset, data?.length);
    return requestOf(this.#messenger, reached.put(data, offset), undefined);
  }

  /** Reads from there. MPI_Get. */
  async get(target: number, options: GetOptions<A> = {}): Promise<A> {
    return this.rget(target, options).wait();
  }
  getSync(target: number, options: GetOptions<A> = {}): A {
    return this.rget(target, options).waitSync();
  }
  rget(target: number, { offset = 0, into, count = into?.length }: GetOptions<A> = {}): Request<A> {
    const elements = count ?? this.lengthOf(target) - offset;
    const { target: reached } = this.#reach(target, into ?? this.local, offset, elements);
    const where = into ? (into.subarray(0, elements) as A) : this.#fresh(elements);
    return requestOf(this.#messenger, reached.get(offset, where), where);
  }

  /** Combines there, element by element, each at once also when several ranks do so at the same time. MPI_Accumulate. */
  async accumulate(data: A, target: number, options: AccumulateOptions = {}): Promise<void> {
    await this.raccumulate(data, target, options).wait();
  }
  accumulateSync(data: A, target: number, options: AccumulateOptions = {}): void {
    this.raccumulate(data, target, options).waitSync();
  }
  raccumulate(data: A, target: number, { offset = 0, op = SUM }: AccumulateOptions = {}): Request<void> {
    const { target: reached } = this.#reach(target, data, offset, data?.length);
    return requestOf(this.#messenger, reached.accumulate(this.#op(op, data), data, offset), undefined);
  }

  /** The same, and gives what was there before. MPI_Get_accumulate. */
  async getAccumulate(data: A, target: number, options: AccumulateOptions = {}): Promise<A> {
    return this.rgetAccumulate(data, target, options).wait();
  }
  getAccumulateSync(data: A, target: number, options: AccumulateOptions = {}): A {
    return this.rgetAccumulate(data, target, options).waitSync();
  }
  rgetAccumulate(data: A, target: number, { offset = 0, op = SUM }: AccumulateOptions = {}): Request<A> {
    const { target: reached } = this.#reach(target, data, offset, data?.length);
    const before = this.#fresh(data.length);
    return requestOf(this.#messenger, reached.accumulate(this.#op(op, data), data, offset, before), before);
  }

  /** The same for one element. MPI_Fetch_and_op. */
  async fetchAndOp(value: Element<A>, target: number, options: AccumulateOptions = {}): Promise<Element<A>> {
    return (await this.getAccumulate(this.#of(value), target, options))[0] as Element<A>;
  }
  fetchAndOpSync(value: Element<A>, target: number, options: AccumulateOptions = {}): Element<A> {
    return this.getAccumulateSync(this.#of(value), target, options)[0] as Element<A>;
  }

  /** Puts `value` there if `compare` is there; gives what was there before. MPI_Compare_and_swap. */
  async compareAndSwap(
    compare: Element<A>,
    value: Element<A>,
    target: number,
    options: PlaceOptions = {},
  ): Promise<Element<A>> {
    return (await this.#swap(compare, value, target, options).wait())[0] as Element<A>;
  }
  compareAndSwapSync(compare: Element<A>, value: Element<A>, target: number, options: PlaceOptions = {}): Element<A> {
    return this.#swap(compare, value, target, options).waitSync()[0] as Element<A>;
  }

  /** All ranks: what was done before it is done everywhere, and what comes after may begin. MPI_Win_fence. */
  fence(): Promise<void> {
    return inTurn(this.#epoch.fence());
  }
  fenceSync(): void {
    inTurnSync(this.#epoch.fence());
  }

  /** Begins to access a rank's memory, for this rank alone or shared with others; the other does nothing for it. MPI_Win_lock. */
  lock(target: number, options: LockOptions = {}): Promise<void> {
    return inTurn(this.#epoch.lock(target, options));
  }
  lockSync(target: number, options: LockOptions = {}): void {
    inTurnSync(this.#epoch.lock(target, options));
  }

  /** Ends it: all that was done is done there when this resolves. MPI_Win_unlock. */
  unlock(target: number): Promise<void> {
    return inTurn(this.#epoch.unlock(target));
  }
  unlockSync(target: number): void {
    inTurnSync(this.#epoch.unlock(target));
  }

  /** A shared lock of all ranks. MPI_Win_lock_all. */
  lockAll(): Promise<void> {
    return inTurn(this.#epoch.lockAll());
  }
  lockAllSync(): void {
    inTurnSync(this.#epoch.lockAll());
  }

  /** MPI_Win_unlock_all. */
  unlockAll(): Promise<void> {
    return inTurn(this.#epoch.unlockAll());
  }
  unlockAllSync(): void {
    inTurnSync(this.#epoch.unlockAll());
  }

  /** All that this rank did there is done when this resolves. MPI_Win_flush. */
  flush(target: number): Promise<void> {
    return inTurn(this.#epoch.flush([target]));
  }
  flushSync(target: number): void {
    inTurnSync(this.#epoch.flush([target]));
  }

  /** The same for all ranks. MPI_Win_flush_all. */
  flushAll(): Promise<void> {
    return inTurn(this.#epoch.flushAll());
  }
  flushAllSync(): void {
    inTurnSync(this.#epoch.flushAll());
  }

  /** All ranks are done with the window. MPI_Win_free. */
  async free(): Promise<void> {
    await this.fence();
    this.#epoch.end();
    this.#release();
    await this.#home.free();
  }
  freeSync(): void {
    this.fenceSync();
    this.#epoch.end();
    this.#release();
    this.#home.freeSync();
  }

  #swap(compare: Element<A>, value: Element<A>, target: number, { offset = 0 }: PlaceOptions): Request<A> {
    const pair = this.#of(compare, value);
    const { target: reached } = this.#reach(target, pair, offset, 1);
    const before = this.#fresh(1);
    return requestOf(this.#messenger, reached.compareAndSwap(pair, offset, before), before);
  }

  /** @throws UsageError when the access can't be, or this rank has begun none */
  #reach(target: number, array: A, offset: number, count: number): WindowPart {
    const part = this.#part(target);
    const type = viewNameOf(this.local);
    if (!ArrayBuffer.isView(array) || viewNameOf(array) !== type)
      throw expected("data", `a ${type}, as the window has`, array);
    const isIn = [offset, count].every((each) => Number.isSafeInteger(each) && each >= 0);
    if (!isIn || offset + count > part.length)
      throw new UsageError(
        `${count} elements from ${offset} lie outside of the ${part.length} that rank ${target} has in the window.`,
      );
    this.#epoch.access(target);
    return part;
  }

  #part(rank: number): WindowPart {
    return partOf(this.#parts, rank);
  }

  #op(op: Op, data: A): Op {
    const known = accessOp(op);
    known.checkArray(data);
    return known;
  }

  #fresh(length: number): A {
    return new (this.local.constructor as new (length: number) => A)(length);
  }

  #of(...values: Element<A>[]): A {
    const array = this.#fresh(values.length);
    array.set(values as never);
    return array;
  }
}
