import fc from "fast-check";
import {
  ANY_SOURCE,
  ANY_TAG,
  type Envelope,
  isTruncated,
  Matcher,
  matches,
  type PostedReceive,
  type Selector,
} from "../../src/comm/matching.ts";

interface Message extends Envelope {
  readonly number: number;
}
interface Receive extends PostedReceive {
  readonly number: number;
}
type Call = { readonly what: "arrive" | "post" | "probe" | "take" | "cancel"; readonly on: Selector };

/** The rules of MPI 4.1 section 3.5 as they are said: two lists in order of time, searched from the front. */
class TwoLists {
  posted: Receive[] = [];
  unexpected: Message[] = [];

  arrive(message: Message): Receive | undefined {
    const at = this.posted.findIndex((receive) => matches(message, receive));
    if (at < 0) this.unexpected.push(message);
    return at < 0 ? undefined : this.posted.splice(at, 1)[0];
  }

  post(receive: Receive): Message | undefined {
    const found = this.take(receive);
    if (found === undefined) this.posted.push(receive);
    return found;
  }

  probe(wanted: Selector): Message | undefined {
    return this.unexpected.find((message) => matches(message, wanted));
  }

  take(wanted: Selector): Message | undefined {
    const at = this.unexpected.findIndex((message) => matches(message, wanted));
    return at < 0 ? undefined : this.unexpected.splice(at, 1)[0];
  }

  cancel(receive: Receive): boolean {
    const at = this.posted.indexOf(receive);
    if (at >= 0) this.posted.splice(at, 1);
    return at >= 0;
  }
}

const few = (max: number) => fc.nat({ max });
const exact = fc.record({ context: few(1), source: few(2), tag: few(2) });
const wanted = fc.record({
  context: few(1),
  source: fc.oneof({ weight: 3, arbitrary: few(2) }, fc.constant(ANY_SOURCE)),
  tag: fc.oneof({ weight: 3, arbitrary: few(2) }, fc.constant(ANY_TAG)),
});
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant("arrive" as const), on: exact }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant("post" as const), on: wanted }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom("probe", "take", "cancel"), on: wanted }) },
);

/** Does one call on both and returns what each gave. */
function both(matcher: Matcher<Message, Receive>, model: TwoLists, receives: Receive[], { what, on }: Call, i: number) {
  switch (what) {
    case "arrive": {
      const message = { ...on, byteLength: i, number: i };
      return [matcher.arrive(message), model.arrive(message)];
    }
    case "post": {
      const receive = { ...on, number: i };
      receives.push(receive);
      return [matcher.post(receive), model.post(receive)];
    }
    case "cancel": {
      const receive = receives[(on.source + on.tag + i) % Math.max(1, receives.length)] ?? { ...on, number: -1 };
      return [matcher.cancel(receive), model.cancel(receive)];
    }
    default:
      return [matcher[what](on), model[what](on)];
  }
}

describe("the matching engine", () => {
  test("gives every random program what two lists searched from the front give", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 60, size: "max" }), (calls) => {
        const matcher = new Matcher<Message, Receive>();
        const model = new TwoLists();
        const receives: Receive[] = [];
        const given = [];
        const due = [];
        for (const [i, each] of calls.entries()) {
          const answers = both(matcher, model, receives, each, i);
          given.push(answers[0]);
          due.push(answers[1]);
        }
        expect(given).toEqual(due);
        expect(matcher.waiting(1000)).toEqual(model.posted);
        const byContext = [0, 1].map((context) => model.unexpected.filter((message) => message.context === context));
        const unexpected = matcher.unexpected(1000);
        expect([0, 1].map((context) => unexpected.filter((message) => message.context === context))).toEqual(byContext);
        expect(matcher.unexpectedCount).toBe(model.unexpected.length);
        expect(matcher.unexpectedBytes).toBe(model.unexpected.reduce((sum, message) => sum + message.byteLength, 0));
      }),
      { numRuns: 2000 },
    );
  });

  test("messages of one source and context never overtake, whatever mixture of wildcards receives them", () => {
    fc.assert(
      fc.property(fc.array(exact, { maxLength: 30 }), fc.array(wanted, { maxLength: 60 }), (sent, selectors) => {
        const matcher = new Matcher<Message, Receive>();
        for (const [number, envelope] of sent.entries()) matcher.arrive({ ...envelope, byteLength: 0, number });
        const got = selectors.map((selector, number) => matcher.post({ ...selector, number }));
        for (const [i, earlier] of got.entries())
          for (const [j, later] of got.entries())
            if (earlier && later && j > i && earlier.context === later.context && earlier.source === later.source)
              // A later receive may only get an older message when the earlier one did not want it.
              expect(later.number > earlier.number || !matches(later, selectors[i]!)).toBe(true);
      }),
    );
  });

  test("a taken message is nobody else's", () => {
    const matcher = new Matcher<Message, Receive>();
    matcher.arrive({ context: 0, source: 1, tag: 7, byteLength: 8, number: 0 });
    const any = { context: 0, source: ANY_SOURCE, tag: ANY_TAG };
    expect(matcher.probe(any)).toMatchObject({ source: 1, tag: 7, byteLength: 8 });
    expect(matcher.take(any)).toMatchObject({ number: 0 });
    expect(matcher.probe(any)).toBeUndefined();
    expect(matcher.take({ context: 0, source: 1, tag: 7 })).toBeUndefined();
  });

  test("a message longer than the buffer is truncated, one of the same length is not", () => {
    const message = { context: 0, source: 0, tag: 0, byteLength: 9 };
    const wantedHere = { context: 0, source: 0, tag: 0 };
    expect(isTruncated(message, { ...wantedHere, capacity: 8 })).toBe(true);
    expect(isTruncated(message, { ...wantedHere, capacity: 9 })).toBe(false);
    expect(isTruncated(message, wantedHere)).toBe(false);
  });

  test("forgetting a context drops its messages and returns its receives, and touches no other context", () => {
    const matcher = new Matcher<Message, Receive>();
    matcher.arrive({ context: 0, source: 1, tag: 1, byteLength: 5, number: 0 });
    matcher.arrive({ context: 1, source: 1, tag: 1, byteLength: 3, number: 1 });
    const gone = { context: 0, source: 2, tag: ANY_TAG, number: 2 };
    const stays = { context: 1, source: 2, tag: ANY_TAG, number: 3 };
    matcher.post(gone);
    matcher.post(stays);
    expect(matcher.forget(0)).toEqual([gone]);
    expect([matcher.postedCount, matcher.unexpectedCount, matcher.unexpectedBytes]).toEqual([1, 1, 3]);
    expect(matcher.arrive({ context: 1, source: 2, tag: 4, byteLength: 0, number: 4 })).toBe(stays);
  });

  test("a list of who waits has a limit", () => {
    const matcher = new Matcher<Message, Receive>();
    for (let number = 0; number < 100; number++) {
      matcher.post({ context: 0, source: 0, tag: number, number });
      matcher.arrive({ context: 0, source: 1, tag: number, byteLength: 1, number });
    }
    expect(matcher.waiting(5).map(({ tag }) => tag)).toEqual([0, 1, 2, 3, 4]);
    expect(matcher.unexpected(3).map(({ tag }) => tag)).toEqual([0, 1, 2]);
  });

  test("the same receive can't wait twice", () => {
    const matcher = new Matcher<Message, Receive>();
    const receive = { context: 0, source: 0, tag: 0, number: 0 };
    matcher.post(receive);
    expect(() => matcher.post(receive)).toThrow("waits already");
  });
});
