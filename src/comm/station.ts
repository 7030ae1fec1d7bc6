/** What all communicators of one rank share, and how their messages are kept apart. */
import { UsageError } from "../errors.ts";
import type { Messenger } from "./messenger.ts";
import type { Place } from "./steps.ts";
import type { WindowRoads } from "./window/make-window.ts";

/** Every communicator has this many context numbers in a row. */
const CONTEXTS_EACH = 3;

/** Which of a communicator's context numbers is for what. */
export const contextOf = {
  messages: 0,
  collectives: 1,
  /** The making of communicators by some of the members only. */
  groups: 2,
} as const;

/** True for the context of messages that users send themselves; false for those that collectives are made of. */
export function isOfUsers(context: number): boolean {
  return context % CONTEXTS_EACH === contextOf.messages;
}

export interface Station {
  /** This rank's number in the job. */
  readonly rank: number;
  readonly messenger: Messenger;
  /** The host of each rank of the job. */
  readonly hosts: readonly number[];
  readonly contexts: ContextNumbers;
  readonly roads: WindowRoads;
}

/**
 * Context numbers that nobody in the job has used yet: one rank takes one and tells the other members. Each rank has numbers of its own,
 * so that communicators may be made at the same time, in any order.
 */
export class ContextNumbers {
  readonly #rank: number;
  readonly #size: number;
  #taken = 0;

  constructor(rank: number, size: number) {
    this.#rank = rank;
    this.#size = size;
  }

  /** @throws UsageError when the numbers are used up, after some millions */
  take(): number {
    const context = (1 + this.#taken++ * this.#size + this.#rank) * CONTEXTS_EACH;
    if (context > 0x7fffffff - CONTEXTS_EACH) throw new UsageError("this rank has made too many communicators.");
    return context;
  }
}

/** Where this rank stands among some ranks of the job, as collectives need it. */
export function placeOf({ rank, hosts }: Station, members: readonly number[]): Place {
  return { rank: members.indexOf(rank), size: members.length, hosts: members.map((member) => hosts[member]!) };
}
