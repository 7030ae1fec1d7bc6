/**
 * Random programs of sends and receives, and the sequential model that says what each receive must get. Kernel `randomProgram` of
 * test/fixtures/definitions.js runs them.
 */
import fc from "fast-check";
import { ANY_SOURCE, ANY_TAG } from "../../src/comm/matching.ts";
import { numbers } from "../comm/arrays.ts";

/** One message, by the job's ranks. */
interface Sent {
  /** Which of the program's communicators. */
  readonly comm: number;
  readonly from: number;
  readonly to: number;
  readonly tag: number;
  readonly elements: number;
  readonly how: "isend" | "issend" | "value" | "section";
}
interface Receive {
  readonly comm: number;
  readonly source: number;
  readonly tag: number;
}
/** What a rank does: starts all of these in order, then waits. The number is that of a message or a receive of the phase. */
type Action = readonly [what: "send" | "receive", number: number];

/** A phase ends when all its messages were received. */
export interface Phase {
  readonly sent: readonly Sent[];
  /** By rank, in the order of posting. */
  readonly receives: readonly (readonly Receive[])[];
  readonly actions: readonly (readonly Action[])[];
  readonly waiting: "all" | "any" | "some" | "each";
}
/** What a receive got: the message's number, its source and tag, whether all elements were right. */
export type Got = readonly [message: number, source: number, tag: number, isRight: boolean];

/** The ranks of the program's communicators: the world, a copy, and one in which they are numbered from the other end. */
const communicators = 3;

const style = fc.constantFrom("exact", "source", "tag", "any");

/** Programs for so many ranks, which always come to an end: what only one receive wants is posted before what many may want. */
export function anyProgram(size: number): fc.Arbitrary<Phase[]> {
  const rank = fc.nat({ max: size - 1 });
  const sent: fc.Arbitrary<Sent> = fc.record({
    comm: fc.nat({ max: communicators - 1 }),
    from: rank,
    to: rank,
    tag: fc.nat({ max: 2 }),
    elements: fc.constantFrom(1, 2, 30, 2031, 2032, 2033, 40_000),
    how: fc.constantFrom("isend", "issend", "value", "section"),
  });
  const phase = fc
    .record({
      sent: fc.array(sent, { maxLength: 30 }),
      styles: fc.array(style, { minLength: size * communicators, maxLength: size * communicators }),
      waiting: fc.constantFrom("all", "any", "some", "each"),
      seed: fc.integer(),
    })
    .map(({ sent: list, styles, waiting, seed }): Phase => {
      const random = numbers(seed);
      const receives = Array.from({ length: size }, (_, to) => receivesOf(list, to, styles, random));
      const actions = receives.map((own, from) => interleaved(list, from, own.length, random));
      return { sent: list, receives, actions, waiting: waiting as Phase["waiting"] };
    });
  return fc.array(phase, { minLength: 1, maxLength: 3 });
}

/** For each message to this rank a receive: some that want this very message, then those of the communicator's style. */
function receivesOf(sent: readonly Sent[], to: number, styles: readonly string[], random: () => number): Receive[] {
  return Array.from({ length: communicators }, (_, comm) => {
    const mine = sent.filter((message) => message.to === to && message.comm === comm);
    const isExact = mine.map(() => random() % 3 === 0);
    const exact = mine.filter((_, i) => isExact[i]);
    const rest = mine
      .filter((_, i) => !isExact[i])
      .map((message) => loosened(message, styles[to * communicators + comm]!));
    return [...exact, ...rest].map(({ source, from, tag }: Sent & { source?: number }) => ({
      comm,
      source: source ?? from,
      tag,
    }));
  }).flat();
}

function loosened(message: Sent, how: string): Sent & { source?: number } {
  return {
    ...message,
    ...(how === "tag" || how === "any" ? { source: ANY_SOURCE } : {}),
    tag: how === "source" || how === "any" ? ANY_TAG : message.tag,
  };
}

/** A rank's sends and receives, each in their order, mixed. */
function interleaved(sent: readonly Sent[], from: number, receives: number, random: () => number): Action[] {
  const sends = sent.flatMap((message, i): Action[] => (message.from === from ? [["send", i]] : []));
  const rest = Array.from({ length: receives }, (_, i): Action => ["receive", i]);
  const mixed: Action[] = [];
  while (sends.length + rest.length > 0)
    mixed.push((random() % (sends.length + rest.length) < sends.length ? sends : rest).shift()!);
  return mixed;
}

/**
 * What is wrong with what a phase's receives got: each, in the order of posting, must have got the first message of its source that it
 * wants and that no earlier one got. (From which source among several is open.) MPI 4.1 section 3.5.
 */
export function wrongIn(phase: Phase, got: readonly (readonly Got[])[]): string[] {
  const wrong: string[] = [];
  for (const [to, own] of phase.receives.entries()) {
    const open = new Set(phase.sent.keys());
    for (const [i, receive] of own.entries()) {
      const [message, source, tag, isRight] = got[to]![i]!;
      const due = phase.sent.findIndex(
        (each, number) =>
          open.has(number) &&
          each.to === to &&
          each.comm === receive.comm &&
          each.from === source &&
          wants(receive, each),
      );
      open.delete(message);
      const isMatch = message === due && phase.sent[message]!.tag === tag && isRight;
      if (!isMatch)
        wrong.push(`rank ${to}, receive ${i} ${JSON.stringify(receive)}: ${JSON.stringify(got[to]![i])}, not ${due}`);
    }
  }
  return wrong;
}

function wants({ source, tag }: Receive, message: Sent): boolean {
  return (source === ANY_SOURCE || source === message.from) && (tag === ANY_TAG || tag === message.tag);
}
