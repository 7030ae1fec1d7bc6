/** Plays a list of events through a bare machine: nothing runs, all that it asked for is written down. */
import { type AnyActorLogic, initialTransition, type SnapshotFrom, transition } from "xstate";

/** What a machine asked of its surroundings: the action's name and its params. */
export type Asked = readonly [name: string, params: unknown];

export interface Played<Logic extends AnyActorLogic> {
  readonly snapshot: SnapshotFrom<Logic>;
  /** What the last event asked for. */
  readonly asked: readonly Asked[];
  /** What all events asked for, from the start. */
  readonly story: readonly Asked[];
}

export function begin<Logic extends AnyActorLogic>(logic: Logic, input: unknown): Played<Logic> {
  const [snapshot, actions] = initialTransition(logic, input as never);
  const asked = askedBy(actions);
  return { snapshot, asked, story: asked };
}

export function play<Logic extends AnyActorLogic>(from: Played<Logic>, logic: Logic, events: readonly object[]) {
  let { snapshot, story } = from;
  let asked: readonly Asked[] = [];
  for (const event of events) {
    const [next, actions] = transition(logic, snapshot, event as never);
    snapshot = next;
    asked = askedBy(actions);
    story = [...story, ...asked];
  }
  return { snapshot, asked, story };
}

/** What an event raised within the same step is no wish; a delayed one is: it is a timer. */
function askedBy(actions: readonly { type: string; params?: unknown }[]): Asked[] {
  return actions
    .filter(({ type, params }) => type !== "xstate.raise" || (params as { delay?: number }).delay !== undefined)
    .map(({ type, params }) => {
      if (type === "xstate.raise") return ["(timer)", (params as { delay: number }).delay];
      if (type === "xstate.cancel") return ["(timer off)", null];
      return [type, params];
    });
}
