/**
 * What the driver and the host processes say to each other: PascalCase kinds, each with its shape. A message is a list of
 * frames: the packed head, and for some kinds a value (its head, then its raw arrays). Every head that arrives is checked
 * for its shape before anything acts on it.
 */
import { Packr, Unpackr } from "msgpackr";
import { z } from "zod";
import { TransportError } from "../errors.ts";
import type { ErrorRecord } from "./error-codec.ts";
import type { EncodedValue } from "./value-codec.ts";

const whole = z.number().int().nonnegative();
const name = z.string().max(1000);
const errorRecord: z.ZodType<ErrorRecord> = z.lazy(() =>
  z.object({
    name,
    message: z.string(),
    stack: z.string().optional(),
    code: name.optional(),
    cause: errorRecord.optional(),
  }),
);

const rankState = z.enum(["idle", "scattering", "computing", "reducing", "cancelled"]);

/** What the driver says to a host process. */
const toHost = z.discriminatedUnion("kind", [
  /** The answer to Hello. */
  z.object({ kind: z.literal("Welcome") }),
  /** A value that several parts hold, before the first of them. Carries the value. */
  z.object({ kind: z.literal("Block"), job: whole, block: whole }),
  /** Parts for one rank. Carries a list with one value per part. */
  z.object({
    kind: z.literal("Scatter"),
    job: whole,
    rank: whole,
    assignment: whole,
    kernel: z.object({ name, module: z.string() }),
    parts: z.array(whole).min(1),
    blocks: z.array(whole),
    cancelGraceMs: z.number().nonnegative(),
  }),
  /** Stop what runs for this job, on all ranks of the host. `force` does not wait for the grace. */
  z.object({ kind: z.literal("Cancel"), job: whole, reason: z.string(), force: z.boolean() }),
  /** The job has all its partials: say when your ranks are idle, and let its shared values go. */
  z.object({ kind: z.literal("Finish"), job: whole }),
  /** Nothing more comes until the next job: let the reader rest, so that an idle program can end. */
  z.object({ kind: z.literal("Rest") }),
  /** End the host process. */
  z.object({ kind: z.literal("Shutdown") }),
]);

/** What a host process says to the driver. */
const toDriver = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("Hello"),
    host: name,
    pid: whole,
    version: name,
    nodeVersion: name,
    ranks: z.array(whole),
  }),
  /** What happened to the ranks since the last report: transitions in their order, and how far each rank is. */
  z.object({
    kind: z.literal("Report"),
    transitions: z.array(
      z.object({
        rank: whole,
        job: whole,
        to: rankState,
        event: name,
        atMs: z.number(),
        part: whole.nullable(),
        forced: z.boolean(),
        cause: name.optional(),
      }),
    ),
    progress: z.array(z.object({ rank: whole, job: whole, done: z.number(), total: z.number() })),
  }),
  /** Partials of some parts of an assignment. Carries a list with one value per part. */
  z.object({
    kind: z.literal("Partial"),
    job: whole,
    rank: whole,
    assignment: whole,
    parts: z.array(whole),
    last: z.boolean(),
    computeMs: z.number().nonnegative(),
  }),
  /** The answer to Cancel and Finish: no rank of this host does anything for the job any more. */
  z.object({ kind: z.literal("Stopped"), job: whole, forced: z.array(whole) }),
  /** A kernel threw, its thread died, or it could not be loaded. */
  z.object({
    kind: z.literal("Failure"),
    job: whole,
    rank: whole,
    assignment: whole,
    part: whole.nullable(),
    error: errorRecord,
  }),
]);

export type ToHost = z.infer<typeof toHost>;
export type ToDriver = z.infer<typeof toDriver>;
export type Transition = Extract<ToDriver, { kind: "Report" }>["transitions"][number];
export type RankProgress = Extract<ToDriver, { kind: "Report" }>["progress"][number];
export type RankStateName = z.infer<typeof rankState>;
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

/** The frames of a message. */
export function framesOf(head: ToHost | ToDriver, value?: EncodedValue): Uint8Array[] {
  const packed = new Uint8Array(packr.pack(head));
  return value ? [packed, value.head, ...value.raws] : [packed];
}

/** A message from its frames. @throws TransportError when the head is no message of this direction. */
export function messageToHost(frames: readonly Uint8Array[]): Received<ToHost> {
  return received(frames, toHost);
}

/** A message from its frames. @throws TransportError when the head is no message of this direction. */
export function messageToDriver(frames: readonly Uint8Array[]): Received<ToDriver> {
  return received(frames, toDriver);
}

function received<Head>(frames: readonly Uint8Array[], schema: z.ZodType<Head>): Received<Head> {
  const [packed, head, ...raws] = frames;
  if (!packed) throw new TransportError("a message without a head arrived.");
  return { head: parse(packed, schema), value: head && { head, raws }, bytes: sizeOf(frames) };
}

/** The size of all frames in bytes. */
export function sizeOf(frames: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength;
  return bytes;
}

function parse<Head>(packed: Uint8Array, schema: z.ZodType<Head>): Head {
  try {
    return schema.parse(unpackr.unpack(packed));
  } catch (cause) {
    throw new TransportError("a message arrived that has not the shape of one.", { cause });
  }
}
