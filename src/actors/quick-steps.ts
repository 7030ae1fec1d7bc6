/**
 * Quick steps for a flat chart: what XState works out anew for each event (which states are left and entered, which actions that
 * asks for, under which names they are found) is worked out once, from the machine itself. The machine stays XState's, and so do its actors,
 * snapshots and inspection events; test/actors/quick-steps.test.ts plays both side by side. A step that needs more than guards,
 * assignments and actions of one's own (a delay, a raised event, a child) is left to XState.
 */
import type {
  AnyActorRef,
  AnyActorScope,
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
} from "xstate";

type Context = AnyMachineSnapshot["context"];
type Definition = AnyStateNode["always"] extends readonly (infer T)[] | undefined ? T : never;
type Guard = (args: { context: Context; event: AnyEventObject }, params: undefined) => boolean;
type Params = (args: { context: Context; event: AnyEventObject }) => unknown;
/** As XState's own steps tell inspectors of themselves. */
type Inspected = { _sendInspectionEvent(event: object): void };
type Assigner = (args: object, params: unknown) => unknown;

/** An action, found by its name: it gives the context, changed or as it was. */
type Act = (context: Context, event: AnyEventObject, scope: AnyActorScope) => Context;

/** One transition of the chart, and all that it comes to. */
interface Way {
  readonly definition: Definition;
  readonly guard: Guard | undefined;
  /** Those of the state that is left, the transition's own, those of the state that is entered. */
  readonly acts: readonly Act[];
  /** The state that is entered; undefined where none is. */
  readonly to: Place | undefined;
}

/** A state, and where events lead from it. */
interface Place {
  readonly node: AnyStateNode;
  readonly nodes: readonly AnyStateNode[];
  readonly tags: ReadonlySet<string>;
  readonly isFinal: boolean;
  /** By event; null where XState has to take the step. */
  readonly on: Map<string, readonly Way[] | null>;
  /** Null where XState has to enter it. */
  always: readonly Way[] | null;
}

/** The same machine, with quick steps wherever they come to the same. Machines that it `provide`s do not have them. */
export function withQuickSteps<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const chart = new FlatChart(machine);
  const { transition, getInitialSnapshot } = machine;
  machine.transition = (snapshot, event, scope) =>
    chart.step(snapshot, event, scope) ?? transition(snapshot, event, scope);
  let first: AnyMachineSnapshot | undefined;
  if (chart.beginsPlainly)
    machine.getInitialSnapshot = (scope, input) => {
      if (!first) {
        first = getInitialSnapshot(scope, input);
        return first;
      }
      return { ...first, context: machine.config.context({ input, self: scope.self, spawn: noSpawn }), children: {} };
    };
  return machine;
}

/** The same machine; `hear` is told of each event before its actor takes it, as an inspector would be, who costs more. */
export function withListener<Machine extends AnyStateMachine>(
  machine: Machine,
  hear: (actor: AnyActorRef, event: AnyEventObject) => void,
): Machine {
  const { transition } = machine;
  machine.transition = (snapshot, event, scope) => {
    hear(scope.self, event);
    return transition(snapshot, event, scope);
  };
  return machine;
}

class FlatChart {
  readonly #machine: AnyStateMachine;
  readonly #places = new Map<unknown, Place>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    const { root } = machine;
    if (root.type !== "compound" || !Object.values(root.states).every(isFlat)) return;
    for (const [key, node] of Object.entries(root.states)) this.#places.set(key, placeOf(root, node));
    for (const place of this.#places.values()) place.always = this.#waysOf(place, this.#alwaysOf(place));
    for (const place of this.#places.values()) for (const type of this.#eventsOf(place)) this.#learn(place, type);
  }

  /** True when the first snapshot is nothing but a context. */
  get beginsPlainly(): boolean {
    const { root, config } = this.#machine;
    const first = this.#places.get(root.initial.target[0]?.key);
    if (!first || typeof config.context !== "function") return false;
    const plain = [root.entry, first.node.entry, root.initial.actions, first.always ?? [null]];
    return plain.every(({ length }) => length === 0);
  }

  /** The snapshot after this event, its actions done; undefined, and nothing done, where XState has to take the step. */
  step(snapshot: AnyMachineSnapshot, event: AnyEventObject, scope: AnyActorScope): AnyMachineSnapshot | undefined {
    const place = this.#places.get(snapshot.value);
    const ways = place?.on.get(event.type);
    if (!place || !ways || snapshot.status !== "active") return undefined;
    let next = take(chosen(ways, snapshot, event), snapshot, event, scope);
    while (next.status === "active") {
      const way = chosen(this.#places.get(next.value)!.always!, next, event);
      const before = next;
      if (way) next = take(way, next, event, scope);
      if (next === before) break;
    }
    return next;
  }

  #eventsOf({ node }: Place): Set<string> {
    return new Set([...node.transitions.keys(), ...this.#machine.root.transitions.keys()]);
  }

  #learn(place: Place, type: string): void {
    const { root } = this.#machine;
    const definitions = [...(place.node.transitions.get(type) ?? []), ...(root.transitions.get(type) ?? [])];
    const hasPatterns = [...this.#eventsOf(place)].some((descriptor) => descriptor.endsWith("*"));
    place.on.set(type, place.always && !hasPatterns ? this.#waysOf(place, definitions) : null);
  }

  #alwaysOf({ node }: Place): readonly Definition[] {
    return [...(node.always ?? []), ...(this.#machine.root.always ?? [])];
  }

  /** Null when one of them can't be taken quickly. */
  #waysOf(from: Place, definitions: readonly Definition[]): readonly Way[] | null {
    const ways = definitions.map((definition) => this.#wayOf(from, definition));
    return ways.every((way) => way !== undefined) ? ways : null;
  }

  #wayOf(from: Place, definition: Definition): Way | undefined {
    const { target, source, reenter, actions } = definition;
    const guard = this.#guardOf(definition.guard);
    const to = target && this.#places.get(target[0]?.key);
    if (guard === null || (target && (!to || target.length !== 1)) || (reenter && source !== from.node))
      return undefined;
    const enters = to !== undefined && (to !== from || reenter || source !== from.node);
    if (enters && !this.#canEnter(to)) return undefined;
    const acts = (enters ? [...from.node.exit, ...actions, ...to.node.entry] : actions).map((each) =>
      this.#actOf(each),
    );
    if (!acts.every((act) => act !== undefined)) return undefined;
    return { definition, guard, acts, to: enters ? to : undefined };
  }

  #canEnter({ node, always, isFinal }: Place): boolean {
    const { root } = this.#machine;
    const isPlainEnd = root.output === undefined && root.exit.length === 0 && node.exit.length === 0;
    return isFinal ? isPlainEnd : always !== null || this.#alwaysOf(this.#places.get(node.key)!).length === 0;
  }

  #guardOf(guard: unknown): Guard | undefined | null {
    if (guard === undefined) return undefined;
    const found: unknown = typeof guard === "string" ? this.#machine.implementations.guards[guard] : guard;
    return typeof found === "function" && !("check" in found) ? (found as Guard) : null;
  }

  #actOf(action: unknown): Act | undefined {
    const isNamed = typeof action === "string" || (typeof action === "object" && action !== null && "type" in action);
    const type = typeof action === "string" ? action : (action as { type: string }).type;
    const found: unknown = isNamed ? this.#machine.implementations.actions[type] : action;
    if (typeof found !== "function") return undefined;
    const params = isNamed && typeof action === "object" ? (action as { params?: unknown }).params : undefined;
    if (!("resolve" in found)) return ownAct(isNamed ? type : found.name || "(anonymous)", found, params);
    return "assignment" in found ? assigning(found.assignment, params) : undefined;
  }
}

function placeOf(root: AnyStateNode, node: AnyStateNode): Place {
  const isFinal = node.type === "final";
  const nodes = isFinal ? [node, root] : [root, node]; // as XState has them
  return { node, nodes, tags: new Set(nodes.flatMap(({ tags }) => tags)), isFinal, on: new Map(), always: null };
}

function isFlat({ type, invoke }: AnyStateNode): boolean {
  return (type === "atomic" || type === "final") && invoke.length === 0;
}

function chosen(ways: readonly Way[], { context }: AnyMachineSnapshot, event: AnyEventObject): Way | undefined {
  for (const way of ways) if (!way.guard || way.guard({ context, event }, undefined)) return way;
  return undefined;
}

function take(
  way: Way | undefined,
  before: AnyMachineSnapshot,
  event: AnyEventObject,
  scope: AnyActorScope,
): AnyMachineSnapshot {
  let { context } = before;
  if (way) for (const act of way.acts) context = act(context, event, scope);
  const snapshot = arrived(way?.to, context, before);
  (scope.system as unknown as Inspected)._sendInspectionEvent({
    type: "@xstate.microstep",
    actorRef: scope.self,
    event,
    snapshot,
    _transitions: way ? [way.definition] : [],
  });
  return snapshot;
}

function arrived(to: Place | undefined, context: Context, before: AnyMachineSnapshot): AnyMachineSnapshot {
  if (!to || to.node.key === before.value) return context === before.context ? before : changed(before, context);
  return changed(before, context, to);
}

/** Written out, field by field: to spread the fifteen of them takes longer than all else of a step. */
function changed(before: AnyMachineSnapshot, context: Context, to?: Place): AnyMachineSnapshot {
  return {
    status: to?.isFinal ? "done" : before.status,
    output: before.output,
    error: before.error,
    machine: before.machine,
    context,
    _nodes: to?.nodes ?? before._nodes,
    value: to?.node.key ?? before.value,
    tags: to?.tags ?? before.tags,
    children: before.children,
    historyValue: before.historyValue,
    matches: before.matches,
    hasTag: before.hasTag,
    can: before.can,
    getMeta: before.getMeta,
    toJSON: before.toJSON,
  } as AnyMachineSnapshot;
}

function ownAct(type: string, exec: unknown, params: unknown): Act {
  return (context, event, scope) => {
    const given = typeof params === "function" ? (params as Params)({ context, event }) : params;
    const info = { context, event, self: scope.self, system: scope.system };
    scope.actionExecutor({ type, info, params: given, exec } as never);
    return context;
  };
}

function assigning(assignment: unknown, params: unknown): Act {
  const assigners = Object.entries(assignment as object);
  return (context, event, { self, system }) => {
    const given = typeof params === "function" ? (params as Params)({ context, event }) : params;
    const args = { context, event, self, system, spawn: noSpawn };
    if (typeof assignment === "function") return { ...context, ...((assignment as Assigner)(args, given) as object) };
    const next = { ...context };
    for (const [key, value] of assigners)
      next[key] = typeof value === "function" ? (value as Assigner)(args, given) : (value as unknown);
    return next;
  };
}

function noSpawn(): never {
  throw new Error(
    "an assignment of a chart with quick steps can't spawn; let an action of the chart do it (spawnChild).",
  );
}
