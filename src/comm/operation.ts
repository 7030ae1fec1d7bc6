/** What is under way between ranks, and what comes of it. */
import type { Wait } from "./wait-for.ts";

/** A message that was received. Its source is a rank of the whole job. */
export interface Received {
  readonly data: unknown;
  readonly source: number;
  readonly tag: number;
  readonly bytes: number;
  /** As `payload.ts` numbers types. */
  readonly type: number;
}

/** Something under way: a send or a receive. */
export interface Operation {
  /** Set when it is over; nothing was received by what was taken back. */
  outcome: { readonly received?: Received } | { readonly error: Error } | undefined;
  /** What it is, for errors: `recv from rank 2, tag 7`. */
  readonly what: string;
  /** Takes it back; false when it can't be any more. Missing where it never can. */
  readonly cancel?: (() => boolean) | undefined;
  /** Whom it needs. */
  readonly wait: Wait;
}
