/**
 * Reductions among equals, on one level; they know no hosts. Operands meet in the order of ranks, and the grouping depends
 * on nothing but the number of ranks, so that the same contributions give the same bits.
 */
import type { Fold } from "../fold.ts";
import { type Algorithm, exchange, type Line, send, together } from "../steps.ts";

/** The cuts of an array into one share for each rank: share i is from cuts[i] to cuts[i + 1] − 1. */
export function equalCuts(length: number, ranks: number, width: number): number[] {
  const groups = length / width;
  return Array.from({ length: ranks + 1 }, (_, i) => Math.floor((groups * i) / ranks) * width);
}

/**
 * Reduce by a tree over ranges of ranks: halves at powers of two, at each of which one message goes to the root if it is in the
 * range, else to its lowest rank. The grouping is the same for every root; size − 1 messages.
 *
 * @returns the whole at the root, undefined elsewhere
 */
export function* reduceTree<Part>(line: Line, fold: Fold<Part>, part: Part, root: number): Algorithm<Part | undefined> {
  return yield* reduceRange(line, fold, part, root, 0, line.size);
}

function* reduceRange<Part>(
  line: Line,
  fold: Fold<Part>,
  part: Part,
  root: number,
  from: number,
  to: number,
): Algorithm<Part | undefined> {
  if (to - from === 1) return part;
  const middle = from + halfOf(to - from);
  const isLower = line.rank < middle;
  const mine = yield* isLower
    ? reduceRange(line, fold, part, root, from, middle)
    : reduceRange(line, fold, part, root, middle, to);
  if (mine === undefined) return undefined;
  const lower = ownerOf(root, from, middle);
  const upper = ownerOf(root, middle, to);
  const winner = ownerOf(root, from, to);
  if (line.rank !== winner) {
    yield* send(winner, fold.toData(mine));
    return undefined;
  }
  const theirs = yield* fold.receive(isLower ? upper : lower, fold.length);
  return isLower ? fold.combine(mine, theirs) : fold.combine(theirs, mine);
}

/** The greatest power of two below a count of 2 or more. */
function halfOf(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

function ownerOf(root: number, from: number, to: number): number {
  return root >= from && root < to ? root : from;
}

/**
 * Allreduce by recursive doubling: ⌈log₂ size⌉ rounds (and two more when size is no power of two), in each of which every rank
 * sends the whole. Both sides combine the same operands in the same order, so all ranks have the same bits.
 */
export function* allreduceDoubling<Part>(line: Line, fold: Fold<Part>, own: Part): Algorithm<Part> {
  const { rank, size } = line;
  const power = 2 ** (31 - Math.clz32(size));
  const extra = size - power;
  // The first 2 × extra ranks go in pairs, whose odd one takes part for both.
  const isPaired = rank < 2 * extra;
  if (isPaired && rank % 2 === 0) {
    yield* send(rank + 1, fold.toData(own));
    return yield* fold.receive(rank + 1, fold.length);
  }
  let part = isPaired ? fold.combine(yield* fold.receive(rank - 1, fold.length), own) : own;
  const index = isPaired ? (rank - 1) / 2 : rank - extra;
  const rankAt = (i: number) => (i < extra ? 2 * i + 1 : i + extra);
  for (let bit = 1; bit < power; bit *= 2) {
    const other = index ^ bit;
    const theirs = yield* swap(fold, part, rankAt(other));
    part = other < index ? fold.combine(theirs, part) : fold.combine(part, theirs);
  }
  if (isPaired) yield* send(rank - 1, fold.toData(part));
  return part;
}

/**
 * Reduce-scatter: every rank sends each other one its share and combines the shares that it gets, from rank 0 up. The grouping
 * of an element is the same wherever the cuts lie; size × (size − 1) messages.
 *
 * @returns the share of this rank
 */
export function* reduceShares<Part>(
  { rank, size }: Line,
  fold: Fold<Part>,
  part: Part,
  cuts: readonly number[],
): Algorithm<Part> {
  const length = cuts[rank + 1]! - cuts[rank]!;
  const others = Array.from({ length: size - 1 }, (_, i) => (rank + 1 + i) % size);
  const given = yield* together(
    others.map((from) => ({ from, into: fold.room(length) })),
    others.map((to) => ({ to, data: fold.toData(fold.cut(part, cuts[to]!, cuts[to + 1]!)) })),
  );
  const shares: Part[] = new Array(size);
  shares[rank] = fold.cut(part, cuts[rank]!, cuts[rank + 1]!);
  for (const [i, from] of others.entries()) shares[from] = fold.fromData(given[i]!);
  return shares.reduce((left, right) => fold.combine(left, right));
}

/** The shares of `reduceShares` together at one rank; undefined elsewhere. */
export function* collectShares<Part>(
  { rank, size }: Line,
  fold: Fold<Part>,
  share: Part,
  cuts: readonly number[],
  root: number,
): Algorithm<Part | undefined> {
  if (rank !== root) {
    yield* send(root, fold.toData(share));
    return undefined;
  }
  const others = Array.from({ length: size }, (_, i) => i).filter((i) => i !== root);
  const given = yield* together(
    others.map((from) => ({ from, into: fold.room(cuts[from + 1]! - cuts[from]!) })),
    [],
  );
  const shares: Part[] = new Array(size);
  shares[root] = share;
  for (const [i, from] of others.entries()) shares[from] = fold.fromData(given[i]!);
  return fold.join(shares);
}

/** The sums up to each rank: what the ranks before it have, and that together with its own. */
export interface Prefixes<Part> {
  /** Of the ranks before; undefined on rank 0. */
  readonly before: Part | undefined;
  readonly upTo: Part;
}

/** Scan by recursive doubling: ⌈log₂ size⌉ rounds (Hillis, Steele 1986, in MPICH's form). */
export function* scanDoubling<Part>({ rank, size }: Line, fold: Fold<Part>, own: Part): Algorithm<Prefixes<Part>> {
  let group = fold.kept(own);
  let before: Part | undefined;
  for (let bit = 1; bit < size; bit *= 2) {
    const other = rank ^ bit;
    if (other >= size) continue;
    const theirs = yield* swap(fold, group, other);
    if (other > rank) group = fold.combine(group, theirs);
    else {
      const kept = fold.kept(theirs);
      before = before === undefined ? kept : fold.combine(kept, before);
      group = fold.combine(kept, group);
    }
  }
  return prefixes(fold, before, own);
}

/** Scan along a chain: size − 1 messages, one after the other. */
export function* scanChain<Part>({ rank, size }: Line, fold: Fold<Part>, own: Part): Algorithm<Prefixes<Part>> {
  const before = rank === 0 ? undefined : yield* fold.receive(rank - 1, fold.length);
  const both = prefixes(fold, before, own);
  if (rank < size - 1) yield* send(rank + 1, fold.toData(both.upTo));
  return both;
}

function prefixes<Part>(fold: Fold<Part>, before: Part | undefined, own: Part): Prefixes<Part> {
  if (before === undefined) return { before, upTo: fold.kept(own) };
  return { before: fold.kept(before), upTo: fold.combine(fold.kept(before), fold.kept(own)) };
}

/** Exchanges whole parts with one rank. */
function* swap<Part>(fold: Fold<Part>, part: Part, other: number): Algorithm<Part> {
  const room = fold.length === undefined ? undefined : fold.room(fold.length);
  return fold.fromData(yield* exchange(other, fold.toData(part), other, room));
}
