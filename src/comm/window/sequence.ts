/** Calls of several communications, one after the other, written once for the form that waits and the one that blocks the thread. */
import type { Request } from "../request.ts";

/** Yields requests, each is waited for before the next; is resumed with what it gave. */
export type Sequence<Result> = Generator<Request<unknown>, Result, unknown>;

export async function inTurn<Result>(sequence: Sequence<Result>): Promise<Result> {
  let next = sequence.next();
  while (!next.done) next = sequence.next(await next.value.wait());
  return next.value;
}

export function inTurnSync<Result>(sequence: Sequence<Result>): Result {
  let next = sequence.next();
  while (!next.done) next = sequence.next(next.value.waitSync());
  return next.value;
}
