/** Broadcast: MPI_Bcast, MPI 4.1 section 6.4. Every host gets the data once, whatever the algorithm: (hosts − 1) × bytes. */
import { UsageError } from "../../errors.ts";
import { bytesOf, type ViewName, viewNameOf, viewOver } from "../../wire/typed-arrays.ts";
import { unfilled } from "../../wire/unfilled.ts";
import { placed } from "../buffers.ts";
import { chooseAlgorithm, type Limits } from "../choice.ts";
import { type Stand, standOf } from "../layout.ts";
import { type Algorithm, type Data, isBoxed, type Line, type Place, receive, type Step, together } from "../steps.ts";

/** Whom a rank receives from (undefined at the root) and whom it sends to. */
interface Links {
  readonly parent: number | undefined;
  readonly children: readonly number[];
}

/** The announcement of an array that comes in pieces. */
interface Announcement {
  readonly type: ViewName;
  readonly byteLength: number;
}

/**
 * The root's data on every rank. Only the root decides by size; the others learn from the first message what comes.
 *
 * @param data at the root; ignored elsewhere
 * @param into where an array is to be put on the other ranks; default: a new one of the root's type
 */
export function* bcast(place: Place, data: Data | undefined, root: number, into?: ArrayBufferView): Algorithm<Data> {
  const stand = standOf(place, root);
  const tree = links(stand, root, binomial);
  if (place.rank === root) {
    if (data === undefined) throw new UsageError("bcast: the root has no data.");
    yield* spread(place, stand, tree, data, root);
    return data;
  }
  const first = yield* receive(tree.parent!, into);
  yield* forward(tree, first);
  if (!isBoxed(first)) return placed(first, into, "bcast");
  const { announced, plain } = first.value as { announced?: Announcement; plain?: unknown };
  if (announced === undefined) return placed({ value: plain }, into, "bcast");
  return yield* receivePieces(stand, root, announced, into);
}

function* spread(place: Place, stand: Stand, tree: Links, data: Data, root: number): Algorithm<void> {
  if (isBoxed(data)) return yield* forward(tree, { value: { plain: data.value } });
  if (chooseAlgorithm("bcast", data.byteLength, place.size, stand.limits) === "binomial tree")
    return yield* forward(tree, data);
  const announced: Announcement = { type: viewNameOf(data)!, byteLength: data.byteLength };
  yield* forward(tree, { value: { announced } });
  yield* passPieces(links(stand, root, chain), bytesOf(data), stand.limits);
}

function* forward({ children }: Links, data: Data): Algorithm<void> {
  yield* together(
    [],
    children.map((to) => ({ to, data })),
  );
}

function* receivePieces(
  stand: Stand,
  root: number,
  { type, byteLength }: Announcement,
  into?: ArrayBufferView,
): Algorithm<Data> {
  if (into !== undefined && into.byteLength !== byteLength)
    throw new UsageError(
      `bcast: ${byteLength} bytes come for a buffer of ${into.byteLength}; lengths must agree on all ranks.`,
    );
  const target = into ?? viewOver(type, unfilled(byteLength));
  yield* passPieces(links(stand, root, chain), bytesOf(target), stand.limits);
  return target;
}

/** Receives each piece while the one before goes on to the children. */
function* passPieces({ parent, children }: Links, bytes: Uint8Array, { pieceBytes }: Limits): Algorithm<void> {
  const pieceAt = (start: number) => bytes.subarray(start, start + pieceBytes);
  for (let start = 0; start < bytes.length + pieceBytes; start += pieceBytes) {
    const steps: Step[] = [];
    if (parent !== undefined && start < bytes.length) steps.push({ do: "recv", from: parent, into: pieceAt(start) });
    if (start > 0) for (const to of children) steps.push({ do: "send", to, data: pieceAt(start - pieceBytes) });
    if (steps.length > 0) yield { do: "all", steps };
  }
}

/** Two levels of one shape: the hosts' leaders, and below each of them the ranks of its host. Other hosts are served first. */
function links(stand: Stand, root: number, shape: (line: Line, top: number) => Links): Links {
  const isStar = shape === binomial && stand.local.length <= stand.limits.starRanks;
  const within = (isStar ? star : shape)(stand.localLine, stand.leaderIndex);
  const children = within.children.map((index) => stand.local[index]!);
  if (!stand.isLeader) return { parent: stand.local[within.parent!], children };
  const across = shape(stand.hostLine, stand.layout.hostOf[root]!);
  return {
    parent: across.parent === undefined ? undefined : stand.leaders[across.parent],
    children: [...across.children.map((host) => stand.leaders[host]!), ...children],
  };
}

/** Rank r (counted from the top) hears from r without its lowest 1 bit; the largest subtree is served first. */
function binomial({ rank, size }: Line, top: number): Links {
  const from = (rank - top + size) % size;
  const named = (index: number) => (index + top) % size;
  const children: number[] = [];
  let bit = 1;
  for (; bit < size && (from & bit) === 0; bit *= 2) if (from + bit < size) children.unshift(named(from + bit));
  return { parent: from === 0 ? undefined : named(from - bit), children };
}

function star({ rank, size }: Line, top: number): Links {
  if (rank !== top) return { parent: top, children: [] };
  return { parent: undefined, children: Array.from({ length: size - 1 }, (_, i) => (top + 1 + i) % size) };
}

function chain({ rank, size }: Line, top: number): Links {
  const from = (rank - top + size) % size;
  return {
    parent: from === 0 ? undefined : (rank - 1 + size) % size,
    children: from === size - 1 ? [] : [(rank + 1) % size],
  };
}
