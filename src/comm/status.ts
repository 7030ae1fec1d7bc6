/** What is known of a message. MPI 4.1 section 3.2.5. */
import { countOf } from "./device/payload.ts";
import { ANY_TAG, PROC_NULL } from "./matching.ts";

/** A message that is there, or announced, and was not received yet. */
export interface Status {
  /** A rank of the communicator. */
  readonly source: number;
  readonly tag: number;
  /** Bytes of the data as they travelled. */
  readonly bytes: number;
  /** Elements of a typed array (bytes of a DataView); 1 for any other value. MPI_Get_count. */
  readonly count: number;
}

/** What was received, with its status. */
export interface Message<Data = unknown> extends Status {
  readonly data: Data;
}

/** The status of what comes from nobody. */
export const fromNobody: Status = { source: PROC_NULL, tag: ANY_TAG, bytes: 0, count: 0 };

/** @param source as the communicator numbers it */
export function statusOf({ tag, bytes, type }: { tag: number; bytes: number; type: number }, source: number): Status {
  return { source, tag, bytes, count: countOf(type, bytes) };
}
