/** Where the bytes of a matched message end up, and what becomes of one that is too long. */
import type { Envelope } from "../../src/comm/device/fragment.ts";
import { payloadOf } from "../../src/comm/device/payload.ts";
import { type Arrived, Landing, type Receive } from "../../src/comm/landing.ts";
import { UsageError } from "../../src/errors.ts";

/** A device on which the bytes of what was announced come when the test says so. */
function landing() {
  const received: number[] = [];
  const dropped: number[] = [];
  const asked: { into: Uint8Array; come(bytes: Uint8Array): void }[] = [];
  const made = new Landing({
    received: ({ id }: Envelope) => void received.push(id),
    drop: ({ id }: Envelope) => void dropped.push(id),
    accept: (_: Envelope, into: Uint8Array, over: () => void) =>
      void asked.push({
        into,
        come: (bytes) => {
          into.set(bytes);
          over();
        },
      }),
  });
  return { made, received, dropped, asked };
}

function message(data: unknown): { arrived: Arrived; bytes: Uint8Array } {
  const { type, bytes } = payloadOf(data);
  const envelope = { source: 2, context: 0, tag: 7, id: 5, type, bytes: bytes.byteLength, parkedAt: -1 };
  return { arrived: { ...envelope, byteLength: bytes.byteLength, envelope, bytes: undefined }, bytes };
}

function receive(into?: Uint8Array): { given: Receive; landed: Uint8Array[] } {
  const landed: Uint8Array[] = [];
  const operation = { outcome: undefined, what: "recv", wait: {} as never };
  const given = { context: 0, source: 2, tag: 7, capacity: into?.byteLength, operation, into };
  return { given: { ...given, landed: into && ((bytes) => landed.push(bytes)) }, landed };
}

const dataOf = ({ operation: { outcome } }: Receive) =>
  outcome && "received" in outcome ? outcome.received?.data : outcome;
const numbers = Float64Array.of(1.5, -2, 1 / 3);
const bytesOf = (array: Float64Array) => new Uint8Array(array.buffer);
/** As it lies in an inbox: in the middle of other bytes. */
const inCell = (bytes: Uint8Array, from: number) => {
  const cell = new Uint8Array(from + bytes.byteLength + 8).fill(0xee);
  cell.set(bytes, from);
  return cell;
};

test.each([1, 3, 40])(
  "a small message of %d numbers is copied out of its cell, into a new array or the one given",
  (count) => {
    const array = Float64Array.from({ length: count }, (_, i) => i + 0.5);
    const { arrived, bytes } = message(array);
    for (const into of [undefined, new Float64Array(count + 1).fill(9)]) {
      const { made, received, asked } = landing();
      const { given, landed } = receive(into && bytesOf(into));
      made.land(arrived, given, inCell(bytes, 16), 16);
      expect(dataOf(given)).toEqual(array);
      expect([received, asked]).toEqual([[5], []]);
      expect(landed.map(({ byteLength }) => byteLength)).toEqual(into ? [count * 8] : []);
      if (into) expect([...into]).toEqual([...array, 9]);
    }
  },
);

test("a message that was announced is asked for, and is over when its bytes are there", () => {
  const { made, received, asked } = landing();
  const { arrived, bytes } = message(numbers);
  const into = new Float64Array(3);
  const { given, landed } = receive(bytesOf(into));
  made.land(arrived, given, undefined, 0);
  expect([given.operation.outcome, landed]).toEqual([undefined, []]);
  asked[0]!.come(bytes);
  expect([into, dataOf(given)]).toEqual([numbers, numbers]);
  expect([landed.length, received]).toEqual([1, []]);
});

test("a value is decoded, and does not touch the buffer that was given for arrays", () => {
  const { made } = landing();
  const { arrived, bytes } = message({ some: "value" });
  const into = new Uint8Array(4).fill(9);
  const { given, landed } = receive(into);
  made.land(arrived, given, inCell(bytes, 8), 8);
  expect(dataOf(given)).toEqual({ some: "value" });
  expect([[...into], landed]).toEqual([[9, 9, 9, 9], []]);
});

test.each(["is here", "was announced"])(
  "one that is too long and %s is an error for its receive, and is taken all the same",
  (how) => {
    const { made, received, dropped, asked } = landing();
    const { arrived, bytes } = message(numbers);
    const into = new Uint8Array(16).fill(9);
    const { given, landed } = receive(into);
    made.land(arrived, given, how === "is here" ? inCell(bytes, 0) : undefined, 0);
    expect([received, dropped, asked]).toEqual(how === "is here" ? [[5], [], []] : [[], [5], []]);
    const { error } = given.operation.outcome as { error: Error };
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(
      "the message from rank 2, tag 7 (Float64Array, 24 bytes) does not fit into the 16 bytes that were given for it.",
    );
    expect([[...into], landed]).toEqual([new Array(16).fill(9), []]);
  },
);

test("what nobody receives is let go, and its sender is told where it waits", () => {
  const { made, received, dropped, asked } = landing();
  const { arrived, bytes } = message(numbers);
  made.drop({ ...arrived, bytes });
  expect([received, dropped]).toEqual([[5], []]);
  made.drop(arrived);
  expect([received, dropped, asked]).toEqual([[5], [5], []]);
});
