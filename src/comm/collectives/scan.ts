/**
 * Prefix reductions: MPI_Scan and MPI_Exscan, MPI 4.1 section 6.11. Where the ranks of a host are consecutive: within hosts, then
 * from host to host, then within hosts again. Else along the ranks without regard to hosts.
 */
import { chooseAlgorithm } from "../choice.ts";
import type { Fold } from "../fold.ts";
import { foldFor, type ReduceOptions } from "../fold-for.ts";
import { localPlaceOf, type Stand, standOf } from "../layout.ts";
import type { Op } from "../ops.ts";
import { type Algorithm, among, type Data, type Line, type Place } from "../steps.ts";
import { bcast } from "./bcast.ts";
import { type Prefixes, scanChain, scanDoubling } from "./reduce-line.ts";

/** The data of ranks 0 to this one combined. */
export function* scan(place: Place, data: Data, op: Op, { into, reproducible }: ReduceOptions = {}): Algorithm<Data> {
  const fold = foldFor(data, op, reproducible);
  return fold.finish((yield* prefixesOf(place, fold)).upTo, into);
}

/** The data of the ranks before this one combined; undefined on rank 0, whose `into` stays as it is. */
export function* exscan(
  place: Place,
  data: Data,
  op: Op,
  { into, reproducible }: ReduceOptions = {},
): Algorithm<Data | undefined> {
  const fold = foldFor(data, op, reproducible);
  const { before } = yield* prefixesOf(place, fold);
  return before === undefined ? undefined : fold.finish(before, into);
}

function* prefixesOf<Part>(place: Place, fold: Fold<Part>): Algorithm<Prefixes<Part>> {
  const stand = standOf(place);
  const { leaders, layout, local, localLine, host } = stand;
  if (leaders.length === 1) return yield* scanDoubling(place, fold, fold.own);
  if (leaders.length === place.size || !layout.inOrder) return yield* scanBetweenHosts(place, fold, fold.own, stand);
  const mine = yield* among(local, scanDoubling(localLine, fold, fold.own));
  const lasts = layout.members.map((ranks) => ranks.at(-1)!);
  const isLast = lasts[host] === place.rank;
  // The last rank of a host has the sum of its host, and hears the sum of the hosts before.
  const across = isLast
    ? yield* among(lasts, scanBetweenHosts({ rank: host, size: lasts.length }, fold, mine.upTo, stand))
    : undefined;
  if (host === 0) return mine;
  const offset = across && fold.toData(across.before!);
  const earlier = fold.kept(fold.fromData(yield* among(local, bcast(localPlaceOf(stand), offset, local.length - 1))));
  return {
    before: mine.before === undefined ? earlier : fold.combine(earlier, mine.before),
    upTo: across?.upTo ?? fold.combine(earlier, mine.upTo),
  };
}

function scanBetweenHosts<Part>(
  line: Line,
  fold: Fold<Part>,
  part: Part,
  { limits }: Stand,
): Algorithm<Prefixes<Part>> {
  return chooseAlgorithm("scan", fold.byteLength, line.size, limits) === "chain"
    ? scanChain(line, fold, part)
    : scanDoubling(line, fold, part);
}
