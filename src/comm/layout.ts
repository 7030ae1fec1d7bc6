/** How the ranks of a communicator lie on hosts, as the collectives need it. Worked out once for each host map. */
import { LIMITS, type Limits } from "./choice.ts";
import type { Line, Place } from "./steps.ts";

/** Ranks by host. Hosts are numbered by their lowest rank, whatever numbers the host map used. */
export interface Layout {
  /** The ranks of each host, ascending. */
  readonly members: readonly (readonly number[])[];
  /** For each rank its host, as an index of `members`. */
  readonly hostOf: readonly number[];
  /** True when the ranks of every host are consecutive, so that rank order is host order. */
  readonly inOrder: boolean;
}

/** A rank's place in the two levels: among the ranks of its host, and its host among the hosts. */
export interface Stand {
  readonly layout: Layout;
  readonly limits: Limits;
  /** This rank's host. */
  readonly host: number;
  /** The ranks of this host, ascending. */
  readonly local: readonly number[];
  /** This rank among `local`. */
  readonly localLine: Line;
  /** The leader of each host: the root on its own host, else the lowest rank. */
  readonly leaders: readonly number[];
  /** This host's leader as an index of `local`. */
  readonly leaderIndex: number;
  readonly isLeader: boolean;
  /** This host among the hosts; the numbering of `leaders`. */
  readonly hostLine: Line;
}

const layouts = new WeakMap<readonly number[], Layout>();

/** The layout of a host map (host of each rank). The same array gives the same object. */
function layoutOf(hosts: readonly number[]): Layout {
  let layout = layouts.get(hosts);
  if (layout === undefined) {
    layout = makeLayout(hosts);
    layouts.set(hosts, layout);
  }
  return layout;
}

/** Where a rank stands when `root` leads its host. */
export function standOf(place: Place, root = 0): Stand {
  const layout = layoutOf(place.hosts);
  const host = layout.hostOf[place.rank]!;
  const local = layout.members[host]!;
  const leaders = layout.members.map((ranks, index) => (index === layout.hostOf[root] ? root : ranks[0]!));
  return {
    layout,
    limits: place.limits ?? LIMITS,
    host,
    local,
    localLine: { rank: local.indexOf(place.rank), size: local.length },
    leaders,
    leaderIndex: local.indexOf(leaders[host]!),
    isLeader: leaders[host] === place.rank,
    hostLine: { rank: host, size: leaders.length },
  };
}

function makeLayout(hosts: readonly number[]): Layout {
  const numbers = new Map<number, number>();
  const members: number[][] = [];
  const hostOf = hosts.map((host, rank) => {
    let number = numbers.get(host);
    if (number === undefined) {
      number = members.length;
      numbers.set(host, number);
      members.push([]);
    }
    members[number]!.push(rank);
    return number;
  });
  const inOrder = members.every((ranks) => ranks.at(-1)! - ranks[0]! === ranks.length - 1);
  return { members, hostOf, inOrder };
}

/** The ranks of this rank's host as a place of their own, numbered by `local`. */
export function localPlaceOf({ localLine, limits }: Stand): Place {
  return { ...localLine, hosts: oneHost(localLine.size), limits };
}

const maps: number[][] = [];

/** The map of ranks on one host; always the same array for a size, so that its layout is worked out once. */
function oneHost(size: number): readonly number[] {
  maps[size] ??= new Array<number>(size).fill(0);
  return maps[size];
}
