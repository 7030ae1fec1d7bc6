/**
 * The vocabulary of communication algorithms. An algorithm is a generator: it yields steps and is resumed with what they
 * gave, so that one text serves every driver (blocking, asynchronous, in the background). It knows nothing of threads,
 * sockets, tags or contexts: a driver gives each run of an algorithm a channel of its own, in which messages of a pair
 * of ranks arrive in the order in which their sends were started.
 */

/** What travels: the raw bytes of a typed array or DataView (never through an encoder), or any structured-clonable value. */
export type Data = ArrayBufferView | Boxed;

/** A value that is not sent as raw bytes. Typed arrays inside it are allowed. */
export interface Boxed {
  readonly value: unknown;
}

/**
 * One thing to do.
 *
 * - `send` is done when the data may be reused. It may wait until the other side receives (rendezvous), so an algorithm
 *   must not count on any buffering.
 * - `recv` gives the data, which then belong to the receiver. Raw bytes go into `into` when it is there (a shorter message gives
 *   a view of the filled part; a longer one is a truncation error of the driver's); else they come as a new view of
 *   the sender's type. A boxed value is given as it is, with or without `into`.
 * - `all` starts its steps in their order and waits for all of them; gives the list of what they gave. Sends of one `all`
 *   to the same rank keep their order, and so do receives.
 */
export type Step =
  | { readonly do: "send"; readonly to: number; readonly data: Data }
  | { readonly do: "recv"; readonly from: number; readonly into?: ArrayBufferView | undefined }
  | { readonly do: "all"; readonly steps: readonly Step[] };

/** What a driver resumes an algorithm with: nothing after a send, data after a receive, a list after `all`. */
export type Given = undefined | Data | readonly Given[];

/** A communication algorithm of one rank. All ranks of a place run theirs, with arguments that fit together. */
export type Algorithm<Result> = Generator<Step, Result, Given>;

/** Where a rank stands in a communicator. */
export interface Place {
  readonly rank: number;
  readonly size: number;
  /** The host of each rank, as any numbers that are equal for ranks of the same host. */
  readonly hosts: readonly number[];
}

/** A place without its hosts: what algorithms that don't look at hosts need. */
export type Line = Pick<Place, "rank" | "size">;

/** A message of no bytes, for where only its arrival counts. */
export const NOTHING: ArrayBufferView = new Uint8Array(0);

/** True for data that are boxed and not raw bytes. */
export function isBoxed(data: Data): data is Boxed {
  return !ArrayBuffer.isView(data);
}

/** Any value as data: typed arrays and DataViews as raw bytes, the rest boxed. */
export function toData(value: unknown): Data {
  return ArrayBuffer.isView(value) ? value : { value };
}

/** What `toData` was given, as the receiver sees it. */
export function fromData(data: Data): unknown {
  return isBoxed(data) ? data.value : data;
}

/** Sends and waits until the data may be reused. */
export function* send(to: number, data: Data): Algorithm<void> {
  yield { do: "send", to, data };
}

/** Receives; see `Step` for `into`. */
export function* receive(from: number, into?: ArrayBufferView): Algorithm<Data> {
  return (yield { do: "recv", from, into }) as Data;
}

/** Sends to one rank while receiving from another (or the same): MPI_Sendrecv, MPI 4.1 section 3.10. */
export function* exchange(to: number, data: Data, from: number, into?: ArrayBufferView): Algorithm<Data> {
  const given = yield {
    do: "all",
    steps: [
      { do: "recv", from, into },
      { do: "send", to, data },
    ],
  };
  return (given as readonly Given[])[0] as Data;
}

/** Starts receives and sends together; gives the received data in the order of `receives`. */
export function* together(
  receives: readonly { readonly from: number; readonly into?: ArrayBufferView | undefined }[],
  sends: readonly { readonly to: number; readonly data: Data }[],
): Algorithm<readonly Data[]> {
  if (receives.length + sends.length === 0) return [];
  const steps: Step[] = receives.map(({ from, into }) => ({ do: "recv", from, into }));
  for (const { to, data } of sends) steps.push({ do: "send", to, data });
  const given = yield { do: "all", steps };
  return (given as readonly Given[]).slice(0, receives.length) as Data[];
}

/** Runs an algorithm of a group's own numbering: its rank i is `members[i]` here. */
export function* among<Result>(members: readonly number[], algorithm: Algorithm<Result>): Algorithm<Result> {
  let next = algorithm.next();
  while (!next.done) {
    const given = yield renumbered(next.value, members);
    next = algorithm.next(given);
  }
  return next.value;
}

function renumbered(step: Step, members: readonly number[]): Step {
  switch (step.do) {
    case "send":
      return { do: "send", to: members[step.to]!, data: step.data };
    case "recv":
      return { do: "recv", from: members[step.from]!, into: step.into };
    case "all":
      return { do: "all", steps: step.steps.map((inner) => renumbered(inner, members)) };
  }
}
