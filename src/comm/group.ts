/** Groups: ordered sets of ranks, MPI 4.1 section 7.3. Pure and local; communicators are made from them. */
import { expected, UsageError } from "../errors.ts";

/** How two groups relate: the same order, the same members in another order, or neither. MPI_Group_compare. */
export type Comparison = "identical" | "similar" | "unequal";

/** Inclusive, from the first to the last by steps that may be negative: MPI_Group_range_incl. */
export type RankRange = readonly [first: number, last: number, stride: number];

/** An ordered set of world ranks. Rank i of the group is `members[i]` of the world. Never changes. */
export class Group {
  readonly members: readonly number[];
  readonly #rankOf: ReadonlyMap<number, number>;

  /**
   * @param members world ranks in the group's order
   * @throws UsageError for what is no rank, and for one that stands twice.
   */
  constructor(members: readonly number[]) {
    const rankOf = new Map<number, number>();
    for (const [rank, member] of members.entries()) {
      if (!Number.isSafeInteger(member) || member < 0) throw expected("members", "ranks of 0 or more", member);
      if (rankOf.has(member)) throw new UsageError(`rank ${member} stands twice in a group.`);
      rankOf.set(member, rank);
    }
    this.members = Object.freeze([...members]);
    this.#rankOf = rankOf;
  }

  get size(): number {
    return this.members.length;
  }

  /** The group's rank of a world rank; undefined (MPI_UNDEFINED) for one that is no member. */
  rankOf(worldRank: number): number | undefined {
    return this.#rankOf.get(worldRank);
  }

  /** The members of these ranks, in this order: MPI_Group_incl. */
  incl(ranks: readonly number[]): Group {
    return new Group(ranks.map((rank) => this.#member(rank)));
  }

  /** All but these, in the old order: MPI_Group_excl. */
  excl(ranks: readonly number[]): Group {
    const without = new Set(this.incl(ranks).members);
    return new Group(this.members.filter((member) => !without.has(member)));
  }

  /** The members of these ranges of ranks, in this order: MPI_Group_range_incl. */
  rangeIncl(ranges: readonly RankRange[]): Group {
    return this.incl(ranges.flatMap(ranksOf));
  }

  /** All but these ranges: MPI_Group_range_excl. */
  rangeExcl(ranges: readonly RankRange[]): Group {
    return this.excl(ranges.flatMap(ranksOf));
  }

  /** The members of this, then those of the other that are not in this: MPI_Group_union. */
  union(other: Group): Group {
    return new Group([...this.members, ...other.difference(this).members]);
  }

  /** The members of this that are in the other: MPI_Group_intersection. */
  intersection(other: Group): Group {
    return new Group(this.members.filter((member) => other.rankOf(member) !== undefined));
  }

  /** The members of this that are not in the other: MPI_Group_difference. */
  difference(other: Group): Group {
    return new Group(this.members.filter((member) => other.rankOf(member) === undefined));
  }

  /** For ranks of this group theirs in the other, undefined for those who are not in it: MPI_Group_translate_ranks. */
  translateRanks(ranks: readonly number[], other: Group): (number | undefined)[] {
    return ranks.map((rank) => other.rankOf(this.#member(rank)));
  }

  compare(other: Group): Comparison {
    if (this.size !== other.size) return "unequal";
    if (this.members.every((member, rank) => other.members[rank] === member)) return "identical";
    return this.members.every((member) => other.rankOf(member) !== undefined) ? "similar" : "unequal";
  }

  #member(rank: number): number {
    const member = this.members[rank];
    if (member === undefined) throw expected("ranks", `ranks of this group, 0 to ${this.size - 1}`, rank);
    return member;
  }
}

function ranksOf([first, last, stride]: RankRange): number[] {
  if (!Number.isSafeInteger(stride) || stride === 0) throw expected("stride", "a whole number other than 0", stride);
  const count = Math.floor((last - first) / stride) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => first + i * stride);
}
