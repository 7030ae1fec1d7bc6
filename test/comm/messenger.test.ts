/** Messages of two ranks of one host, in one thread. */
import { Device } from "../../src/comm/device/device.ts";
import { createFabric, Fabric } from "../../src/comm/device/fabric.ts";
import { payloadOf } from "../../src/comm/device/payload.ts";
import { SentCounts } from "../../src/comm/device/sent-counts.ts";
import { parkingPlaces } from "../../src/comm/device/staging.ts";
import { Messenger } from "../../src/comm/messenger.ts";

const context = 3;
/** Small, parked, announced. */
const lengths = [100, 20_000, 200_000];

let fabrics: Fabric[];
let from: Messenger;
let to: Messenger;

beforeEach(() => {
  const map = createFabric(2, [0, 1], [0, 0]);
  fabrics = [0, 1].map(() => new Fabric(map));
  [from, to] = fabrics.map(
    (fabric, rank) =>
      new Messenger((arrivals) => new Device(rank, fabric, arrivals), new SentCounts(map, rank), {
        tell: () => {},
        isQuiet: () => false,
        raiseIfCancelled: () => {},
        coreYield: undefined,
      }),
  ) as [Messenger, Messenger];
});

function send(length: number, synchronous = false) {
  return from.send(1, context, 0, payloadOf(new Uint8Array(length)), synchronous);
}

function settle(): void {
  for (let still = 0; still < 3; still++) if ([from.progress(), to.progress()].includes(true)) still = 0;
}

/** More small ones than the sender has credit for, and more of middle size than it has places for. */
const sendMany = () =>
  lengths.flatMap((length) => Array.from({ length: length < 1000 ? 1000 : 10 }, () => send(length)));

test.each(["before", "after"])(
  "what comes %s its communicator is freed is dropped, and holds its sender back no longer",
  (when) => {
    if (when === "after") to.forget(context);
    const sent = sendMany();
    settle();
    if (when === "before") {
      expect(sent.some(({ outcome }) => !outcome)).toBe(true);
      to.forget(context);
      settle();
    }
    expect(sent.every(({ outcome }) => outcome)).toBe(true);
    const places = Array.from({ length: parkingPlaces.count }, () => fabrics[0]!.parkingOf(0).take());
    expect(places).not.toContain(-1);
  },
);

test.each(lengths)("a synchronous send of %i bytes is not over before its receive has begun", (length) => {
  const sent = send(length, true);
  settle();
  expect(to.probe({ context, source: 0, tag: 0 })).toMatchObject({ bytes: length });
  expect(sent.outcome).toBeUndefined();
  const received = to.receive({ context, source: 0, tag: 0 }, undefined);
  settle();
  expect([sent.outcome, received.outcome]).toEqual([{}, { received: expect.objectContaining({}) }]);
});
