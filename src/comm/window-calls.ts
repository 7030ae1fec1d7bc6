/** Making windows, memory that the ranks of a communicator show each other: MPI 4.1 chapter 12; `Window` says what can be done with one. */
import { GroupCalls } from "./group-calls.ts";
import { makeWindow, type Share, shareOf, shareOfArray } from "./window/make-window.ts";
import { inTurn, inTurnSync, type Sequence } from "./window/sequence.ts";
import type { Window } from "./window/window.ts";
import type { WindowArray } from "./window/window-memory.ts";

/** The class of a typed array: `Float64Array`. */
export type ArrayClass<A extends WindowArray> = new (length: number) => A;

export abstract class WindowCalls extends GroupCalls {
  /**
   * A window of fresh memory: `length` elements of this rank, which may differ by rank. MPI_Win_allocate.
   * @param type a typed array's class, the same on all ranks
   */
  winAllocate<A extends WindowArray>(type: ArrayClass<A>, length: number): Promise<Window<A>> {
    return inTurn(this.#window<A>(shareOf(type, length, false)));
  }
  winAllocateSync<A extends WindowArray>(type: ArrayClass<A>, length: number): Window<A> {
    return inTurnSync(this.#window<A>(shareOf(type, length, false)));
  }

  /** The same for ranks of one host, with their memory side by side in the order of ranks. MPI_Win_allocate_shared. */
  winAllocateShared<A extends WindowArray>(type: ArrayClass<A>, length: number): Promise<Window<A>> {
    return inTurn(this.#window<A>(shareOf(type, length, true)));
  }
  winAllocateSharedSync<A extends WindowArray>(type: ArrayClass<A>, length: number): Window<A> {
    return inTurnSync(this.#window<A>(shareOf(type, length, true)));
  }

  /** A window of an array that lies in shared memory already. MPI_Win_create. */
  winCreate<A extends WindowArray>(array: A): Promise<Window<A>> {
    return inTurn(this.#window<A>(shareOfArray(array)));
  }
  winCreateSync<A extends WindowArray>(array: A): Window<A> {
    return inTurnSync(this.#window<A>(shareOfArray(array)));
  }

  *#window<A extends WindowArray>(share: Share): Sequence<Window<A>> {
    const home = (yield this.idup()) as this;
    return (yield* makeWindow(share, this.station, home, this.members, home.context)) as unknown as Window<A>;
  }
}
