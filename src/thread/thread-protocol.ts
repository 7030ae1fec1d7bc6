/**
 * What a host process and a compute thread say to each other, in a few words: Startup (as worker data), Ready, Request,
 * Response, Standing, Expose, Withdraw, Output, Input. Bytes travel by transfer or lie in shared memory; neither side copies them.
 */

import type { MessagePort } from "node:worker_threads";
import type { FabricMap } from "../comm/device/fabric.ts";
import type { Standing } from "../comm/wait-for.ts";
import type { Exposure } from "../comm/window/make-window.ts";
import type { ErrorRecord } from "../wire/error-codec.ts";
import type { ModuleRoot } from "./module-roots.ts";

/** A value as its frames, each with a buffer of its own. */
export interface ValueFrames {
  readonly head: Uint8Array;
  readonly raws: readonly Uint8Array[];
}

/** What a thread is told when it starts. */
export interface Startup {
  readonly kind: "Startup";
  readonly rank: number;
  readonly size: number;
  readonly host: string;
  readonly threads: number;
  /** How far below its process this thread stands: see priority.ts. */
  readonly nice: number;
  readonly memory: SharedArrayBuffer;
  /** Where modules of the driver lie here, when not at the same path. */
  readonly roots?: readonly ModuleRoot[] | undefined;
}

/** The thread has loaded and takes requests. */
interface Ready {
  readonly kind: "Ready";
}

/** Compute these parts, one after the other; or forget what you keep of ended jobs. */
export type Request =
  | {
      readonly kind: "Request";
      readonly ask: "compute";
      readonly job: number;
      readonly kernel: { readonly name: string; readonly module: string };
      /** A list with one value per part. */
      readonly parts: ValueFrames;
      /** Shared values that this thread has not had yet. */
      readonly blocks: readonly { readonly id: number; readonly value: ValueFrames }[];
      /** For a job whose ranks talk to each other: the memory they do it through. */
      readonly fabric?: FabricMap | undefined;
    }
  | { readonly kind: "Request"; readonly ask: "forget" };

export type ComputeRequest = Extract<Request, { ask: "compute" }>;

/** What became of the request. One request is answered by `started`, any number of `partials`, and one end. */
export type Response = { readonly kind: "Response"; readonly job: number } & (
  | { readonly what: "started" }
  | {
      readonly what: "partials";
      /** A list with one value per part. */
      readonly values: ValueFrames;
      /** Index within the request of the first of these parts, and how many they are. */
      readonly first: number;
      readonly count: number;
      readonly last: boolean;
      readonly computeMs: number;
    }
  /** `part` is the index within the request; null when it failed before the first part. */
  | { readonly what: "failed"; readonly part: number | null; readonly error: ErrorRecord }
  | { readonly what: "stopped" }
);

/** What the kernel wrote to stdout or stderr. Posted, not streamed: it gets out while the kernel is busy in a loop. */
interface Output {
  readonly kind: "Output";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** The thread of rank 0 uses its stdin: a program is to have what the driver reads, any other kernel nothing. */
interface Input {
  readonly kind: "Input";
  readonly wanted: boolean;
}

/** Where the rank stands among those that it talks to: it has waited for a while, or is done; undefined: it goes on. */
interface RankStanding {
  readonly kind: "Standing";
  readonly job: number;
  readonly standing: Standing | undefined;
}

/** Memory that the rank shows in a window; that of all ranks of its host is posted on `reply`. */
interface Expose {
  readonly kind: "Expose";
  readonly exposure: Exposure;
  readonly reply: MessagePort;
}

/** The window is no more. */
interface Withdraw {
  readonly kind: "Withdraw";
  readonly window: number;
}

/** What ranks do with windows. */
export type WindowMessage = Expose | Withdraw;

export type FromThread = Ready | Response | RankStanding | WindowMessage | Output | Input;

/** Below this many bytes a copy costs less than handing the buffer over. */
const worthTransfer = 1 << 16;

/** The buffers of a value that are handed over with it: large ones, and not those in shared memory. */
export function transferOf({ head, raws }: ValueFrames): ArrayBuffer[] {
  const large = [head, ...raws].filter(({ byteLength }) => byteLength >= worthTransfer);
  const buffers = new Set(large.map(({ buffer }) => buffer)); // several arrays may lie in one
  return [...buffers].filter(
    (buffer): buffer is ArrayBuffer => Object.prototype.toString.call(buffer) === "[object ArrayBuffer]",
  );
}
