/** How a window comes about: all ranks tell how much they show, those of a host hand each other their memory, and the server of each host gets it. */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { expected, UsageError } from "../../errors.ts";
import { elementBytes, type ViewName, viewNameOf } from "../../wire/typed-arrays.ts";
import type { Messenger } from "../messenger.ts";
import { Request } from "../request.ts";
import type { Station } from "../station.ts";
import type { WindowHome, WindowPart } from "./epoch.ts";
import type { Sequence } from "./sequence.ts";
import { LocalTarget, RemoteTarget } from "./target.ts";
import { Window } from "./window.ts";
import { ExposedMemory, freshControl, type WindowArray, type WindowMemory } from "./window-memory.ts";

/** What a rank shows in a window; without a buffer, it lies in that of the first rank of its host. */
export type Shown = Omit<WindowMemory, "buffer"> & { readonly buffer: SharedArrayBuffer | undefined };

/** What a rank's thread tells its host. Ranks are numbered as in the job. */
export interface Exposure {
  readonly window: number;
  readonly rank: number;
  /** Those of this host that are in the window. */
  readonly ranks: readonly number[];
  readonly shown: Shown;
}

/** The way to the host and the servers. */
export interface WindowRoads {
  /** @returns a port on which the memory of all ranks of this host comes, in the order of `ranks` */
  expose(exposure: Exposure): MessagePort;
  /** The window is no more. */
  withdraw(window: number): void;
  /** The server of a host, as a rank. */
  serverOf(host: number): number;
}

/** What this rank puts into a window. */
export type Share =
  | { readonly type: ViewName; readonly length: number; readonly contiguous: boolean }
  | { readonly array: WindowArray };

/** @throws UsageError */
export function shareOf(type: unknown, length: number, contiguous: boolean): Share {
  const name = typeof type === "function" ? type.name : "";
  const made = typeof type === "function" && /Array$/.test(name) ? viewNameOf(emptyOf(type)) : undefined;
  if (!made) throw expected("type", "a typed array's class, such as Float64Array", type);
  if (!Number.isSafeInteger(length) || length < 0) throw expected("length", "a whole number of 0 or more", length);
  return { type: made, length, contiguous };
}

function emptyOf(type: unknown): ArrayBufferView {
  return new (type as new (length: number) => WindowArray)(0);
}

/** @throws UsageError */
export function shareOfArray(array: WindowArray): Share {
  if (!ArrayBuffer.isView(array) || viewNameOf(array) === "DataView") throw expected("array", "a typed array", array);
  if (Object.prototype.toString.call(array.buffer) !== "[object SharedArrayBuffer]")
    throw new UsageError(
      "a window can be made only of an array in shared memory, new Float64Array(new SharedArrayBuffer(bytes)); winAllocate makes one.",
    );
  return { array };
}

/** @param home a communicator of the window's own */
export function* makeWindow(
  share: Share,
  station: Station,
  home: WindowHome & { iallgather(data: unknown): Request<unknown[]> },
  members: readonly number[],
  window: number,
): Sequence<Window> {
  const { messenger, roads } = station;
  const own = sizeOf(share);
  const all = (yield home.iallgather(own)) as (typeof own)[];
  checkAlike(all, members, station, "contiguous" in share && share.contiguous);
  const near = members.filter((member) => station.hosts[member] === station.hosts[station.rank]);
  const before = near.slice(0, near.indexOf(station.rank)).map((member) => all[members.indexOf(member)]!.length);
  const total = near.reduce((sum, member) => sum + all[members.indexOf(member)]!.length, 0);
  const shown = shownBy(share, before, total);
  const port = roads.expose({ window, rank: station.rank, ranks: near, shown });
  const memories = (yield arrival(messenger, port)) as WindowMemory[];
  yield home.ibarrier(); // every server has its memory
  const parts = members.map((member, rank): WindowPart => {
    const name = `the window of rank ${rank}`;
    const at = near.indexOf(member);
    const memory = at < 0 ? undefined : new ExposedMemory(memories[at]!);
    const target = memory
      ? new LocalTarget(memory, messenger, name)
      : new RemoteTarget(messenger, roads.serverOf(station.hosts[member]!), window, member, name);
    return { length: all[rank]!.length, target, memory };
  });
  return new Window(home, messenger, parts, () => roads.withdraw(window));
}

function sizeOf(share: Share): { readonly type: ViewName; readonly length: number } {
  if (!("array" in share)) return { type: share.type, length: share.length };
  return { type: viewNameOf(share.array)!, length: share.array.length };
}

/** The same on all ranks: all or none of them throws. @throws UsageError */
function checkAlike(
  all: readonly { readonly type: ViewName }[],
  members: readonly number[],
  { hosts }: Station,
  contiguous: boolean,
): void {
  const [first] = all;
  const other = all.findIndex(({ type }) => type !== first!.type);
  if (other > 0)
    throw new UsageError(
      `all ranks must give a window the same type; rank 0 gave ${first!.type}, rank ${other} ${all[other]!.type}.`,
    );
  if (contiguous && members.some((member) => hosts[member] !== hosts[members[0]!]))
    throw new UsageError("only ranks of one host can share memory; see splitShared.");
}

function shownBy(share: Share, before: readonly number[], total: number): Shown {
  const control = freshControl();
  if ("array" in share) {
    const { buffer, byteOffset, byteLength } = share.array;
    const type = viewNameOf(share.array)!;
    return { type, buffer: buffer as unknown as SharedArrayBuffer, byteOffset, byteLength, control };
  }
  const { type, length, contiguous } = share;
  const each = elementBytes(type);
  const byteLength = length * each;
  if (!contiguous) return { type, buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength, control };
  const byteOffset = before.reduce((sum, count) => sum + count * each, 0);
  const buffer = before.length === 0 ? new SharedArrayBuffer(total * each) : undefined;
  return { type, buffer, byteOffset, byteLength, control };
}

/** What comes on a port, looked for whenever the rank makes progress. */
function arrival(messenger: Messenger, port: MessagePort): Request<unknown> {
  let came: unknown;
  return new Request<unknown>(messenger, {
    what: "the memory of a window",
    get isOver() {
      came ??= receiveMessageOnPort(port)?.message;
      return came !== undefined;
    },
    hasFailed: false,
    waits: () => [{ for: "lock", peers: [], tag: null, context: 0, name: "the memory of a window" }],
    result() {
      port.close();
      return came;
    },
    cancel: () => false,
  });
}
