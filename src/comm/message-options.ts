/** What sends, receives and probes can be told. */
import type { Target } from "./targets.ts";

/** Options of a send. */
export interface SendOptions {
  /** 0 to 2^31 − 1. Default 0. */
  readonly tag?: number;
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/** Options of a receive. */
export interface ReceiveOptions {
  /** Default `ANY_SOURCE`. */
  readonly source?: number;
  /** Default `ANY_TAG`. */
  readonly tag?: number;
  /** A typed array that the message goes into, without another copy; or a section of one. A message that is longer is an error. */
  readonly into?: Target;
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/** Options of sending and receiving at once. */
export interface SendrecvOptions extends ReceiveOptions {
  /** The tag of what is sent; `tag` is that of what is received. Default 0. */
  readonly sendTag?: number;
}

/** Options of a probe. */
export type ProbeOptions = Omit<ReceiveOptions, "into">;
