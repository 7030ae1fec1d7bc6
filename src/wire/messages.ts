/**
 * What the driver and the host processes say to each other: PascalCase kinds, each with its shape. A message is a list of
 * frames: the packed head, and for some kinds a value (its head, then its raw arrays, each in chunks). Every head that
 * arrives is checked for its shape before anything acts on it, and what it announces is held against what came.
 */
import { Packr, Unpackr } from "msgpackr/pack";
import type { Standing, Wait } from "../comm/wait-for.ts";
import { TransportError } from "../errors.ts";
import { chunkBytes, maxFrames } from "../limits.ts";
import { own, type Place, shared, together } from "./chunks.ts";
import type { ErrorRecord } from "./error-codec.ts";
import { checkPacked } from "./packed.ts";
import {
  choice,
  duration,
  flag,
  list,
  name,
  nullable,
  oneOf,
  optional,
  real,
  record,
  type Shape,
  type Shaped,
  text,
  whole,
} from "./shape.ts";
import { flatTransitions, type Transition, transitionsOf } from "./transitions.ts";
import type { EncodedValue } from "./value-codec.ts";

export type { Transition } from "./transitions.ts";

const errorRecord: Shape<ErrorRecord> = record({
  name,
  message: text,
  stack: optional(text),
  code: optional(name),
  cause: optional((value): ErrorRecord => errorRecord(value)),
});

const wait: Shape<Wait> = record({
  for: oneOf("message", "receiver", "collective", "lock"),
  peers: list(whole),
  tag: nullable(whole),
  context: whole,
  name,
});

const standing: Shape<Standing> = record({
  doing: oneOf("waiting", "finished"),
  waits: list(wait),
  any: flag,
  certain: flag,
  unreceived: list(record({ source: whole, tag: whole, context: whole })),
  blocked: list(whole),
  sent: list(whole),
  taken: list(whole),
});

/** The kinds of a direction are numbered from here: none is taken for one of the other. */
const firstKind = { toHost: 0, toDriver: 64 } as const;

/** What the driver says to a host process. */
const toHost = choice(firstKind.toHost, {
  /** Work is on its way, which may take long on a slow line: be heard of from now on. */
  Attend: {},
  /** A value that several parts hold, before the first of them; `lent`: nobody keeps it beyond the job. Carries the value. */
  Block: { job: whole, block: whole, lent: flag },
  /** Parts for one rank. Carries a list with one value per part. */
  Scatter: {
    job: whole,
    rank: whole,
    assignment: whole,
    kernel: record({ name, module: text }),
    parts: list(whole, 1),
    blocks: list(whole),
    cancelGraceMs: duration,
    /** For a job whose ranks talk to each other: the number of each rank's host, in runs. */
    together: nullable(list(whole)),
  },
  /** What ranks of host `from` have for ranks of this one, where the two can't reach each other. Carries its frames as raws. */
  Data: { job: whole, from: whole },
  /** Connect to host `host`, which listens at these endpoints, and name yourself by this ticket. */
  Dial: { host: whole, ticket: name, endpoints: list(name) },
  /** Whoever shows this ticket at your door is host `host`. */
  Expect: { host: whole, ticket: name },
  /** Host `host` can't be reached: send what is for it by way of rank 0. */
  Relay: { host: whole },
  /** Host `host` is lost: close the connection to it. */
  Gone: { host: whole },
  /** Stop what runs for this job, on all ranks of the host. `force` does not wait for the grace. */
  Cancel: {
    job: whole,
    reason: text,
    force: flag,
    /** The rank without which ranks that talk to each other can't go on; they are told. */
    lost: nullable(record({ rank: whole, host: name, state: name, message: text })),
  },
  /** No more parts of this job come, unless another host is lost: say when your ranks are idle. Comes behind the parts. */
  Last: { job: whole },
  /** The job has all its partials: say when your ranks are idle, and let its shared values go. */
  Finish: { job: whole },
  /** The job, with which your ranks are done, is over: let its shared values go. */
  Forget: { job: whole },
  /** Nothing more comes until the next job: let the reader rest, so that an idle program can end. */
  Rest: {},
});

/** What a host process uses: cores on average, its memory, and the cores of each rank whose thread can be measured. */
const hostUsage = record({
  cores: real,
  memoryBytes: whole,
  ranks: list(record({ rank: whole, cores: real })),
});

/** What the ranks of a host have sent to others, from the beginning of their job on. */
const talk = record({
  /** Sender, receiver, messages and bytes of each pair of ranks that has sent since this was last told, one after the other. */
  pairs: list(whole),
  /** The least bytes that must go for it between ranks, and of those between hosts. */
  least: record({ ranks: whole, hosts: whole }),
  /** In frames, to each other host. */
  crossed: list(record({ to: whole, messages: whole, bytes: whole, relayed: flag })),
});

/** What a host process says to the driver. */
const toDriver = choice(firstKind.toDriver, {
  Hello: { host: name, pid: whole, version: name, nodeVersion: name, ranks: list(whole) },
  /** What happened to the ranks since the last report: transitions in their order, and how far each rank is. */
  Report: {
    transitions: transitionsOf,
    progress: list(record({ rank: whole, job: whole, done: real, total: real })),
    /** Of ranks that talk to each other: what one that is still waits for; null when it goes on. */
    standings: list(record({ rank: whole, job: whole, standing: nullable(standing) })),
    /** Now and then: since the last time. */
    usage: nullable(hostUsage),
    /** As often, when there is something new. */
    talk: nullable(talk),
  },
  /** Partials of some parts of an assignment. Carries a list with one value per part. */
  Partial: { job: whole, rank: whole, assignment: whole, parts: list(whole), last: flag, computeMs: duration },
  /** After Last: so many assignments of the job came by now, and no rank of this host does anything for it any more. */
  Idle: { job: whole, assignments: whole },
  /** The answer to Cancel and Finish: no rank of this host does anything for the job any more. */
  Stopped: {
    job: whole,
    forced: list(whole),
    /** The last word of it; null for a job whose ranks don't talk to each other. */
    talk: nullable(talk),
  },
  /** Other hosts of the cluster can come in here. */
  Door: { endpoints: list(name) },
  /** There is something to send to host `to`. */
  Seek: { to: whole },
  /** Host `to` could not be connected to. */
  Unreachable: { to: whole, why: text },
  /** The connection to host `to` stood, and has broken. */
  Broken: { to: whole },
  /** For ranks of host `to`, which can't be reached from here. Carries its frames as raws. */
  Forward: { job: whole, to: whole },
  /** A kernel threw, its thread died, or it could not be loaded. */
  Failure: { job: whole, rank: whole, assignment: whole, part: nullable(whole), error: errorRecord },
});

export type ToHost = Shaped<typeof toHost>;
export type ToDriver = Shaped<typeof toDriver>;
export type RankProgress = Extract<ToDriver, { kind: "Report" }>["progress"][number];
export type RankStanding = Extract<ToDriver, { kind: "Report" }>["standings"][number];
export type HostUsage = Shaped<typeof hostUsage>;
export type HostTalk = Shaped<typeof talk>;
export type RankStateName = Transition["to"];
export type Scatter = Extract<ToHost, { kind: "Scatter" }>;

/** A message that arrived: its checked head, and the frames of its value if it carries one. */
export interface Received<Head> {
  readonly head: Head;
  readonly value: EncodedValue | undefined;
  /** The size of all its frames. */
  readonly bytes: number;
}

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

/** What is packed behind a message's own fields: how many bytes its value's head and each of its raws have; absent without a value. */
const sizesOf = list(whole);

/**
 * The frames of a message: its head, then its value.
 * @param longestFrame of the transport, in bytes; longer pieces of the value are cut. Default: none is
 * @throws TransportError when it is of too many frames or its head is too large
 */
export function framesOf(
  head: ToHost | ToDriver,
  value?: EncodedValue,
  longestFrame = Number.POSITIVE_INFINITY,
): Uint8Array[] {
  const pieces = value ? [value.head, ...value.raws] : [];
  const sizes = pieces.map(({ byteLength }) => byteLength);
  const packed = value ? [flat(head), sizes] : [flat(head)];
  const frames: Uint8Array[] = [new Uint8Array(packr.pack(packed))];
  for (const piece of pieces)
    for (let at = 0; at === 0 || at < piece.byteLength; at += longestFrame)
      frames.push(piece.byteLength <= longestFrame ? piece : piece.subarray(at, at + longestFrame));
  refuseLarge(frames, head.kind);
  return frames;
}

function flat(head: ToHost | ToDriver): unknown[] {
  const packed = head.kind === "Report" ? { ...head, transitions: flatTransitions(head.transitions) } : head;
  return toHost.flat(packed) ?? toDriver.flat(packed)!;
}

/**
 * A message from its frames; its value lies in memory of its own, which all threads share for a Block.
 * @param lent where a Block goes that is lent. Default: to new memory
 * @throws TransportError when it is no message of this direction.
 */
export function messageToHost(frames: readonly Uint8Array[], lent = shared): Received<ToHost> {
  return received(frames, toHost, (head) => (head.kind !== "Block" ? own : head.lent ? lent : shared));
}

/**
 * A message from its frames; what came in one frame is not copied.
 * @throws TransportError when it is no message of this direction.
 */
export function messageToDriver(frames: readonly Uint8Array[]): Received<ToDriver> {
  const message = received(frames, toDriver, () => undefined);
  // A host gets values from its driver alone; a driver from every host, and unpacks them itself.
  if (message.value) orRefuse(() => checkPacked(message.value!.head));
  return message;
}

function received<Head>(
  frames: readonly Uint8Array[],
  shape: Shape<Head>,
  placeOf: (head: Head) => Place | undefined,
): Received<Head> {
  const [packed, ...rest] = frames;
  if (!packed) throw new TransportError("a message without a head arrived.");
  refuseLarge(frames, "message");
  return orRefuse(() => {
    checkPacked(packed);
    const unpacked: unknown = unpackr.unpack(packed);
    if (!Array.isArray(unpacked) || unpacked.length > 2) throw new TypeError("its head must be a list of 1 or 2");
    const [flat, sizes = []] = unpacked as unknown[];
    const head = shape(flat);
    const [valueHead, ...raws] = together(sizesOf(sizes), rest, placeOf(head));
    return { head, value: valueHead && { head: valueHead, raws }, bytes: sizeOf(frames) };
  });
}

/** The size of all frames in bytes. */
export function sizeOf(frames: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength;
  return bytes;
}

function refuseLarge(frames: readonly Uint8Array[], what: string): void {
  const { length } = frames;
  if (length > maxFrames)
    throw new TransportError(
      `a ${what} of ${length} frames is too large: ${maxFrames} are the most, of up to ${chunkBytes} bytes, and each array has its own. Use fewer and longer typed arrays, or more parts.`,
    );
  const headBytes = frames[0]!.byteLength;
  if (headBytes > chunkBytes) throw new TransportError(`a ${what} with a head of ${headBytes} bytes is too large.`);
}

function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new TransportError(`a message arrived that has not the shape of one: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
