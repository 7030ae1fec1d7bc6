/**
 * Who waits for whom when nothing moves any more, in a sentence. Pure: it is given where each rank stands, and looks for ranks that
 * can never go on, whatever the others do.
 *
 * A rank can go on when all of what it waits for (for `any`: one of it) can be done by ranks that can go on, or may be on its way.
 * What is left when no more such ranks are found is stuck for ever (the knots of the AND-OR model; Knapp, "Deadlock detection in
 * distributed databases", 1987). That nothing is on its way is known from counts: what one rank had sent to another when it told its
 * standing, and what the other had taken (Mattern, "Algorithms for distributed termination detection", 1987, section 5). So the
 * standings need not be of the same moment.
 */

/** One thing that a rank waits for. All ranks are numbered as in the job. */
export interface Wait {
  /** A message; that what this rank sends is received; its part of a collective; a window's lock or server, which somebody else gives. */
  readonly for: "message" | "receiver" | "collective" | "lock";
  /** The ranks that must act: all of them. Empty for a message of any rank. */
  readonly peers: readonly number[];
  /** Of the message, null for any. Of a collective its number in the communicator. */
  readonly tag: number | null;
  readonly context: number;
  /** Of a collective: `barrier number 3`; of a lock: `the window of rank 2`; otherwise empty. */
  readonly name: string;
}

/** What a rank does, as it told itself. */
export interface Standing {
  readonly doing: "waiting" | "finished";
  readonly waits: readonly Wait[];
  /** One of the waits is enough to go on; otherwise all of them must end. */
  readonly any: boolean;
  /** False when something else than the other ranks may end the waits: a time-out, a timer, what the rank reads or listens to. */
  readonly certain: boolean;
  /** The first messages that have come and that it has not received. */
  readonly unreceived: readonly { readonly source: number; readonly tag: number; readonly context: number }[];
  /** Ranks whose inboxes had no room for what this rank has for them. */
  readonly blocked: readonly number[];
  /** Fragments that this rank had sent to each rank of the job, and had taken of each, modulo 2^32. */
  readonly sent: readonly number[];
  readonly taken: readonly number[];
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
const mostNamed = 8;

/**
 * Why ranks are stuck, or undefined when all can still go on.
 *
 * @param standings of all ranks, by rank; undefined for one that runs, or has not told anything
 */
export function explainDeadlock(standings: readonly (Standing | undefined)[]): Deadlock | undefined {
  const stuck = stuckRanks(standings);
  if (stuck.size === 0) return undefined;
  return (
    findMismatch(standings, stuck) ??
    findFinished(standings, stuck) ??
    findCycle(standings, stuck) ??
    listStuck(standings, stuck)
  );
}

/** The ranks that wait and can never go on. */
export function stuckRanks(standings: readonly (Standing | undefined)[]): ReadonlySet<number> {
  const takesMail = (rank: number) => standings[rank]?.doing !== "finished"; // whoever waits does
  const isLive = standings.map((standing) => !standing?.certain || standing.blocked.some(takesMail));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [rank, standing] of standings.entries()) {
      if (isLive[rank] || standing?.doing !== "waiting") continue;
      const canEnd = (wait: Wait) => canBeServed(standings, rank, wait, isLive);
      if (!(standing.any ? standing.waits.some(canEnd) : standing.waits.every(canEnd))) continue;
      isLive[rank] = true;
      changed = true;
    }
  }
  return new Set([...standings.keys()].filter((rank) => !isLive[rank] && standings[rank]?.doing === "waiting"));
}

function canBeServed(
  standings: readonly (Standing | undefined)[],
  rank: number,
  wait: Wait,
  isLive: readonly boolean[],
): boolean {
  if (wait.for === "lock") return true;
  const canAct = (peer: number) => isLive[peer]! || isOnTheWay(standings[peer], standings[rank], peer, rank);
  const peers = neededRanks(standings, rank, wait);
  return isFromAny(wait) ? peers.some(canAct) : peers.every(canAct);
}

function isOnTheWay(from: Standing | undefined, to: Standing | undefined, source: number, dest: number): boolean {
  return from?.sent[dest] !== to?.taken[source];
}

/** The ranks that must act: one of them for a message of any rank, else all. */
function neededRanks(standings: readonly unknown[], rank: number, wait: Wait): readonly number[] {
  return isFromAny(wait) ? [...standings.keys()].filter((other) => other !== rank) : wait.peers;
}

function isFromAny(wait: Wait): boolean {
  return wait.for === "message" && wait.peers.length === 0;
}

function waitsOf(standing: Standing | undefined): readonly Wait[] {
  return standing?.doing === "waiting" ? standing.waits : [];
}

/** Two collectives in one place of a communicator, by their names; who is in which. */
function findMismatch(standings: readonly (Standing | undefined)[], stuck: ReadonlySet<number>): Deadlock | undefined {
  const calls = new Map<string, Map<string, number[]>>();
  for (const rank of stuck)
    for (const wait of waitsOf(standings[rank])) {
      if (wait.for !== "collective") continue;
      const place = `${wait.context} ${wait.tag}`;
      const names = calls.get(place) ?? new Map<string, number[]>();
      names.set(wait.name, [...(names.get(wait.name) ?? []), rank]);
      calls.set(place, names);
    }
  const [names] = [...calls.values()].filter(({ size }) => size > 1);
  if (!names) return undefined;
  const parts = [...names].map(([name, ranks]) => `${ranksText(ranks)} ${ranks.length > 1 ? "are" : "is"} in ${name}`);
  return {
    kind: "mismatch",
    ranks: [...names.values()].flat().slice(0, mostNamed),
    sentence: `${parts.join("; ")}: all ranks of a communicator must call its collectives in the same order`,
  };
}

/** A stuck rank that needs one that has finished. */
function findFinished(standings: readonly (Standing | undefined)[], stuck: ReadonlySet<number>): Deadlock | undefined {
  for (const rank of stuck)
    for (const wait of waitsOf(standings[rank])) {
      const gone = wait.peers.find((peer) => standings[peer]?.doing === "finished");
      if (gone === undefined) continue;
      const sentence = `${said(standings, rank, wait, gone)}; rank ${gone} has finished`;
      return { kind: "finished", ranks: [rank, gone], sentence };
    }
  return undefined;
}

/** The shortest ring among stuck ranks, by breadth first search from each of them. */
function findCycle(standings: readonly (Standing | undefined)[], stuck: ReadonlySet<number>): Deadlock | undefined {
  const edges = new Map([...stuck].map((rank) => [rank, edgesOf(standings, rank, stuck)]));
  let best: readonly Link[] | undefined;
  for (const start of stuck) {
    const ring = shortestRing(start, edges);
    if (ring !== undefined && (best === undefined || ring.length < best.length)) best = ring;
  }
  if (best === undefined || best.length > mostNamed) return undefined;
  const sentence = best.map(({ rank, wait, next }) => said(standings, rank, wait, next)).join("; ");
  return { kind: "cycle", ranks: best.map(({ rank }) => rank), sentence };
}

/** One rank waits for another. */
interface Link {
  readonly rank: number;
  readonly wait: Wait;
  readonly next: number;
}

/** Only waits that must be fulfilled make a ring a full explanation. */
function edgesOf(standings: readonly (Standing | undefined)[], rank: number, stuck: ReadonlySet<number>): Link[] {
  const { waits, any } = standings[rank]!;
  if (any && waits.length > 1) return [];
  return waits.flatMap((wait) => {
    const needed = neededRanks(standings, rank, wait);
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

function listStuck(standings: readonly (Standing | undefined)[], stuck: ReadonlySet<number>): Deadlock {
  const named = [...stuck].slice(0, mostNamed);
  const more = stuck.size - named.length;
  const parts = named.map((rank) => `rank ${rank} ${waitText(standings[rank]!)}`);
  if (more > 0) parts.push(`so do ${more} more ranks`);
  if (standings.some((standing) => standing?.doing === "finished"))
    parts.push("the other ranks have finished or wait too");
  return { kind: "stuck", ranks: named, sentence: parts.join("; ") };
}

/** All that a rank waits for, shortened: `waits for tag 7 from rank 2`, `is in barrier number 3`. */
export function waitText({ waits }: Standing): string {
  const [first] = waits;
  const rest = waits.length > 1 ? ` (and ${waits.length - 1} more)` : "";
  return first === undefined ? "waits for nothing" : predicate(first) + rest;
}

function said(standings: readonly (Standing | undefined)[], rank: number, wait: Wait, next: number): string {
  const there = wait.for === "collective" ? `, and needs rank ${next} there` : "";
  return `rank ${rank} ${predicate(wait)}${there}${alsoCame(standings[rank]!, wait)}`;
}

/** A wrong tag is the commonest reason: what came instead says so. */
function alsoCame({ unreceived }: Standing, { for: what, peers: [from], context }: Wait): string {
  const other = unreceived.find(({ source, context: its }) => what === "message" && source === from && its === context);
  return other ? ` (from which tag ${other.tag} has come)` : "";
}

function predicate({ for: what, peers, tag, name }: Wait): string {
  const who = peers.length === 0 ? "any rank" : ranksText(peers);
  switch (what) {
    case "message":
      return `waits for ${tagText(tag)} from ${who}`;
    case "receiver":
      return `waits until ${who} receives ${tagText(tag)}`;
    case "collective":
      return `is in ${name}`;
    case "lock":
      return `waits for ${name}`;
  }
}

function ranksText(ranks: readonly number[]): string {
  if (ranks.length === 1) return `rank ${ranks[0]}`;
  if (ranks.length > mostNamed) return `${ranks.length} ranks`;
  return `ranks ${ranks.slice(0, -1).join(", ")} and ${ranks.at(-1)}`;
}

function tagText(tag: number | null): string {
  return tag === null ? "any tag" : `tag ${tag}`;
}
