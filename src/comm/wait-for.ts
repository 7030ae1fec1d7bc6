/**
 * Who waits for whom when nothing moves any more, in a sentence. Pure: it is given what every rank does at one moment at which no
 * message is on its way that somebody waits for, and looks for ranks that can never go on, whatever the others do.
 *
 * A rank can go on when all of what it waits for (for `any`: one of it) can be done by ranks that can go on. What is left when
 * no more such ranks are found is stuck for ever (the knots of the AND-OR model; Knapp, "Deadlock detection in
 * distributed databases", 1987).
 */
import { ANY_SOURCE, ANY_TAG } from "./matching.ts";

/** One thing that a rank waits for. */
export type Wait =
  | { readonly for: "message"; readonly from: number; readonly tag: number }
  /** That `to` receives what this rank sends. */
  | { readonly for: "receiver"; readonly to: number; readonly tag: number }
  /** That all members of a communicator come to their `number`-th collective. */
  | {
      readonly for: "collective";
      readonly name: string;
      /** From 1 on, in the communicator. */
      readonly number: number;
      readonly context: number;
      readonly members: readonly number[];
    };

/** What a rank does. */
export type Doing =
  | { readonly is: "running" }
  | { readonly is: "finished" }
  /** `any`: one of them is enough (waitAny); default: all of them. */
  | { readonly is: "waiting"; readonly on: readonly Wait[]; readonly any?: boolean };

export interface RankStatus {
  readonly doing: Doing;
  /** How many collectives this rank has begun in each context; default none. */
  readonly begun?: ReadonlyMap<number, number>;
}

export interface Deadlock {
  /**
   * - `mismatch`: two ranks are in different collectives where they should be in the same.
   * - `finished`: somebody waits for a rank that has finished.
   * - `cycle`: ranks wait for each other in a ring.
   * - `stuck`: no single ring explains it; all that are stuck are listed.
   */
  readonly kind: "mismatch" | "finished" | "cycle" | "stuck";
  /** The ranks that the sentence is about, in its order. */
  readonly ranks: readonly number[];
  readonly sentence: string;
}

/** At most so many ranks are named in a sentence. */
const MOST_NAMED = 8;

/**
 * Why ranks are stuck, or undefined when all can still go on.
 *
 * @param statuses of all ranks, by rank
 */
export function explainDeadlock(statuses: readonly RankStatus[]): Deadlock | undefined {
  const mismatch = findMismatch(statuses);
  if (mismatch !== undefined) return mismatch;
  const stuck = stuckRanks(statuses);
  if (stuck.size === 0) return undefined;
  return findFinished(statuses, stuck) ?? findCycle(statuses, stuck) ?? listStuck(statuses, stuck);
}

/** The ranks that wait and can never go on. */
export function stuckRanks(statuses: readonly RankStatus[]): Set<number> {
  const isLive = statuses.map(({ doing }) => doing.is === "running");
  for (let changed = true; changed; ) {
    changed = false;
    for (const [rank, { doing }] of statuses.entries()) {
      if (isLive[rank] || doing.is !== "waiting") continue;
      const canEnd = (wait: Wait) => isServed(statuses, rank, wait, (other) => isLive[other]!);
      if (!(doing.any ? doing.on.some(canEnd) : doing.on.every(canEnd))) continue;
      isLive[rank] = true;
      changed = true;
    }
  }
  return new Set(statuses.flatMap(({ doing }, rank) => (doing.is === "waiting" && !isLive[rank] ? [rank] : [])));
}

function isServed(
  statuses: readonly RankStatus[],
  rank: number,
  wait: Wait,
  isLive: (rank: number) => boolean,
): boolean {
  const needed = neededRanks(statuses, rank, wait);
  return isFromAny(wait) ? needed.some(isLive) : needed.every(isLive);
}

/** The ranks that must act: one of them for a message of any rank, else all. */
function neededRanks(statuses: readonly RankStatus[], rank: number, wait: Wait): readonly number[] {
  switch (wait.for) {
    case "message":
      return wait.from === ANY_SOURCE ? [...statuses.keys()].filter((other) => other !== rank) : [wait.from];
    case "receiver":
      return [wait.to];
    case "collective":
      return wait.members.filter((member) => (statuses[member]?.begun?.get(wait.context) ?? 0) < wait.number);
  }
}

function isFromAny(wait: Wait): boolean {
  return wait.for === "message" && wait.from === ANY_SOURCE;
}

function waitsOf({ doing }: RankStatus): readonly Wait[] {
  return doing.is === "waiting" ? doing.on : [];
}

function findMismatch(statuses: readonly RankStatus[]): Deadlock | undefined {
  const first = new Map<string, { readonly rank: number; readonly name: string }>();
  for (const [rank, status] of statuses.entries())
    for (const wait of waitsOf(status)) {
      if (wait.for !== "collective") continue;
      const call = `${wait.context} ${wait.number}`;
      const other = first.get(call);
      if (other === undefined) first.set(call, { rank, name: wait.name });
      else if (other.name !== wait.name)
        return {
          kind: "mismatch",
          ranks: [other.rank, rank],
          sentence: `rank ${other.rank} is in ${other.name}; rank ${rank} is in ${wait.name}: all ranks of a communicator must call its collectives in the same order`,
        };
    }
  return undefined;
}

/** A stuck rank that needs one that has finished. */
function findFinished(statuses: readonly RankStatus[], stuck: ReadonlySet<number>): Deadlock | undefined {
  for (const rank of stuck)
    for (const wait of waitsOf(statuses[rank]!)) {
      if (isFromAny(wait)) continue;
      const gone = neededRanks(statuses, rank, wait).find((other) => statuses[other]?.doing.is === "finished");
      if (gone === undefined) continue;
      return { kind: "finished", ranks: [rank, gone], sentence: `${said(rank, wait)}; rank ${gone} has finished` };
    }
  return undefined;
}

/** The shortest ring among stuck ranks, by breadth first search from each of them. */
function findCycle(statuses: readonly RankStatus[], stuck: ReadonlySet<number>): Deadlock | undefined {
  const edges = new Map([...stuck].map((rank) => [rank, edgesOf(statuses, rank, stuck)]));
  let best: readonly Link[] | undefined;
  for (const start of stuck) {
    const ring = shortestRing(start, edges);
    if (ring !== undefined && (best === undefined || ring.length < best.length)) best = ring;
  }
  if (best === undefined || best.length > MOST_NAMED) return undefined;
  const sentence = best.map(({ rank, wait, next }) => said(rank, wait) + missing(wait, next)).join("; ");
  return { kind: "cycle", ranks: best.map(({ rank }) => rank), sentence };
}

/** One rank waits for another. */
interface Link {
  readonly rank: number;
  readonly wait: Wait;
  readonly next: number;
}

/** Only waits that must be fulfilled make a ring a full explanation. */
function edgesOf(statuses: readonly RankStatus[], rank: number, stuck: ReadonlySet<number>): Link[] {
  const { doing } = statuses[rank]!;
  if (doing.is !== "waiting" || (doing.any && doing.on.length > 1)) return [];
  return doing.on.flatMap((wait) => {
    const needed = neededRanks(statuses, rank, wait);
    if (isFromAny(wait) && needed.length > 1) return [];
    return needed.filter((next) => stuck.has(next)).map((next) => ({ rank, wait, next }));
  });
}

function shortestRing(start: number, edges: ReadonlyMap<number, readonly Link[]>): readonly Link[] | undefined {
  const reachedBy = new Map<number, Link>();
  const queue = [start];
  for (let rank = queue.shift(); rank !== undefined; rank = queue.shift())
    for (const link of edges.get(rank) ?? []) {
      if (reachedBy.has(link.next)) continue;
      reachedBy.set(link.next, link);
      if (link.next === start) return pathTo(start, reachedBy);
      queue.push(link.next);
    }
  return undefined;
}

function pathTo(start: number, reachedBy: ReadonlyMap<number, Link>): Link[] {
  const path: Link[] = [];
  let at = start;
  do {
    const link = reachedBy.get(at)!;
    path.unshift(link);
    at = link.rank;
  } while (at !== start);
  return path;
}

function listStuck(statuses: readonly RankStatus[], stuck: ReadonlySet<number>): Deadlock {
  const named = [...stuck].slice(0, MOST_NAMED);
  const more = stuck.size - named.length;
  const parts = named.map((rank) => sentenceOf(statuses[rank]!, rank));
  if (more > 0) parts.push(`so do ${more} more ranks`);
  if (statuses.some(({ doing }) => doing.is === "finished")) parts.push("the other ranks have finished or wait too");
  return { kind: "stuck", ranks: named, sentence: parts.join("; ") };
}

/** All that a rank waits for, shortened. */
function sentenceOf(status: RankStatus, rank: number): string {
  const waits = waitsOf(status);
  const [first] = waits;
  const rest = waits.length > 1 ? ` (and ${waits.length - 1} more requests)` : "";
  return first === undefined ? `rank ${rank} waits for nothing` : said(rank, first) + rest;
}

function said(rank: number, wait: Wait): string {
  switch (wait.for) {
    case "message":
      return `rank ${rank} waits for ${tagText(wait.tag)} from ${wait.from === ANY_SOURCE ? "any rank" : `rank ${wait.from}`}`;
    case "receiver":
      return `rank ${rank} waits until rank ${wait.to} receives ${tagText(wait.tag)}`;
    case "collective":
      return `rank ${rank} is in ${wait.name}`;
  }
}

function missing(wait: Wait, next: number): string {
  return wait.for === "collective" ? `, which rank ${next} has not called` : "";
}

function tagText(tag: number): string {
  return tag === ANY_TAG ? "any tag" : `tag ${tag}`;
}
