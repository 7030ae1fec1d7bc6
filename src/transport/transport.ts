/**
 * How frames get from one process to another: the interface that the rest of the house sees. Implementations hand frames
 * over whole, in order within a lane, and never let control wait behind data: the two lanes share no queue.
 */

/** Control carries cancel, states and liveness; data carries parts and partials. Order holds within a lane only. */
export type Lane = "control" | "data";

export const lanes: readonly Lane[] = ["control", "data"];

export type Frames = readonly Uint8Array[];

/** What both sides have. */
interface Transport {
  /** The longest frame that it sends and takes, in bytes: tight where strangers can connect, none inside this machine. */
  readonly longestFrame: number;
}

/** Rank 0's side: one socket that all host processes connect to. */
export interface ServerTransport extends Transport {
  /** Starts to listen; resolves with the endpoint to connect to (with the port that was given out). */
  listen(endpoint: string): Promise<string>;
  /** Hands over what arrives. Call once, before the first peer connects. */
  start(deliver: (peer: string, lane: Lane, frames: Frames) => void): void;
  /** Resolves when the transport took the frames; rejects with `TransportError` when no such peer is connected. */
  send(peer: string, lane: Lane, frames: Frames): Promise<void>;
  /** Keeps nothing for a peer that is gone. */
  forget(peer: string): void;
  /** Lets an otherwise finished program end: nothing is read until `resume`. */
  rest(): void;
  resume(): void;
  /** Sends nothing more and releases everything. Safe to call twice. */
  close(): Promise<void>;
}

/** A host process's side: one connection per lane. */
export interface ClientTransport extends Transport {
  connect(endpoint: string): void;
  start(deliver: (lane: Lane, frames: Frames) => void): void;
  send(lane: Lane, frames: Frames): Promise<void>;
  /** Data that waits for more to go with it goes now. */
  flush(): void;
  /** Whether something is to come: a connection that stands still is then noticed although nothing is sent. */
  watch(on: boolean): void;
  /** As the server's; takes effect with the next message, which the server has to send on each lane. */
  rest(): void;
  resume(): void;
  close(): Promise<void>;
}
