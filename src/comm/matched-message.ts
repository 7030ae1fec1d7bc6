/** A message that was taken out of the queue by a matched probe: only who has it can receive it. MPI 4.1 section 3.8.2. */
import { UsageError } from "../errors.ts";
import type { Request, WaitOptions } from "./request.ts";
import type { Message, Status } from "./status.ts";
import type { Target } from "./targets.ts";

/** Options of receiving it. */
export interface MatchedReceiveOptions extends WaitOptions {
  /** Where it goes; as in `recv`. */
  readonly into?: Target;
}

/** It has to be received, once. */
export class MatchedMessage implements Status {
  readonly source: number;
  readonly tag: number;
  readonly bytes: number;
  readonly count: number;
  #begin: ((into: Target | undefined) => Request<Message>) | undefined;

  constructor({ source, tag, bytes, count }: Status, begin: (into: Target | undefined) => Request<Message>) {
    this.source = source;
    this.tag = tag;
    this.bytes = bytes;
    this.count = count;
    this.#begin = begin;
  }

  /** MPI_Mrecv. @throws UsageError when it does not fit `into`, or was received already */
  recv<Data = unknown>(options: MatchedReceiveOptions = {}): Promise<Message<Data>> {
    return this.irecv<Data>(options).wait(options);
  }

  /** As `recv`; blocks the thread. */
  recvSync<Data = unknown>(options: MatchedReceiveOptions = {}): Message<Data> {
    return this.irecv<Data>(options).waitSync(options);
  }

  /** MPI_Imrecv. */
  irecv<Data = unknown>({ into }: MatchedReceiveOptions = {}): Request<Message<Data>> {
    const begin = this.#begin;
    if (!begin) throw new UsageError("this message was received already.");
    this.#begin = undefined;
    return begin(into) as Request<Message<Data>>;
  }
}
