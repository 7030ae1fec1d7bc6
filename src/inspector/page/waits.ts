/** Who waits for whom among ranks that talk to each other, from what each says that it waits for. Pure. */

/** A rank as far as it matters here. */
export interface Waiter {
  readonly rank: number;
  readonly state: string;
  /** `waits for tag 7 from rank 2`; absent while it goes on. */
  readonly waitsFor?: string;
  readonly lost?: string;
}

/** What the page says of ranks that may be stuck: a headline, and a line for each of those that it is about. */
export interface Stuck {
  readonly headline: string;
  readonly lines: readonly string[];
}

/** Ranks are named up to so many. */
const mostNamed = 8;
/** Of ranks that wait, one in so many may work on for the others to be called kept waiting by it. */
const oddOneIn = 4;

/**
 * Undefined while enough ranks work. A rank that waits is not always stuck, so this asks; what can never go on is ended by the
 * driver, which says why.
 */
export function explainWaits(ranks: readonly Waiter[]): Stuck | undefined {
  const live = ranks.filter(({ lost }) => lost === undefined);
  const waiting = live.filter(({ waitsFor }) => waitsFor !== undefined);
  const working = live.filter(({ state, waitsFor }) => state === "computing" && waitsFor === undefined);
  if (waiting.length === 0 || working.length * oddOneIn > waiting.length) return undefined;
  if (working.length > 0)
    return {
      headline: `Stuck? ${named(working)} ${working.length === 1 ? "keeps" : "keep"} the others waiting.`,
      lines: byWait(waiting),
    };
  const ring = findRing(waiting);
  if (ring) return { headline: "Stuck? These ranks wait for each other in a ring.", lines: ring.map(line) };
  return { headline: "Stuck? All ranks that have work wait.", lines: byWait(waiting) };
}

function line({ rank, waitsFor }: Waiter): string {
  return `rank ${rank} ${waitsFor}`;
}

/** Ranks that wait for the same are one line; the most of them first. */
function byWait(waiting: readonly Waiter[]): string[] {
  const groups = new Map<string, Waiter[]>();
  for (const rank of waiting) groups.set(rank.waitsFor!, [...(groups.get(rank.waitsFor!) ?? []), rank]);
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, mostNamed)
    .map(([what, ranks]) => (ranks.length === 1 ? line(ranks[0]!) : `${named(ranks)}: each ${what}`));
}

function named(ranks: readonly Waiter[]): string {
  const numbers = ranks.slice(0, mostNamed).map(({ rank }) => rank);
  const more = ranks.length > mostNamed ? ` and ${ranks.length - mostNamed} more` : "";
  return `${ranks.length === 1 ? "rank" : "ranks"} ${numbers.join(", ")}${more}`;
}

/** The first ring of ranks that each wait for exactly one other. */
function findRing(waiting: readonly Waiter[]): Waiter[] | undefined {
  const byRank = new Map(waiting.map((rank) => [rank.rank, rank]));
  for (const start of waiting) {
    const way: Waiter[] = [];
    let at: Waiter | undefined = start;
    while (at && !way.includes(at)) {
      way.push(at);
      at = byRank.get(peerOf(at));
    }
    if (at === start) return way;
  }
  return undefined;
}

/** `waits for tag 7 from rank 2`; NaN where it is not one rank that is waited for. */
function peerOf({ waitsFor = "" }: Waiter): number {
  return Number(/ rank (\d+)\b/.exec(waitsFor)?.[1] ?? Number.NaN);
}
