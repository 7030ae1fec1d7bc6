/**
 * Devices of several ranks in one thread, on one host or on two with gateways between them: what is sent arrives whole and in order,
 * and a receiver that is slow holds its senders back.
 */
import fc from "fast-check";
import { Device } from "../../src/comm/device/device.ts";
import { createFabric, Fabric } from "../../src/comm/device/fabric.ts";
import type { Envelope } from "../../src/comm/device/fragment.ts";
import { farPlaces, nearPlaces, parkingPlaces } from "../../src/comm/device/staging.ts";
import { Gateway } from "../../src/host/gateway.ts";
import type { Frames } from "../../src/transport/transport.ts";
import { sizeOf } from "../../src/wire/messages.ts";

const byteType = 2;

/** A rank that notes what arrives, and accepts it when told. */
class Rank {
  readonly device: Device;
  readonly arrived: { readonly envelope: Envelope; readonly bytes: Uint8Array | undefined }[] = [];
  /** In the order of their envelopes: the bytes of a large one come later than those of the small ones behind it. */
  readonly arrivedTags: number[] = [];
  readonly received: { readonly source: number; readonly tag: number; readonly bytes: Uint8Array }[] = [];
  sent = 0;

  constructor(rank: number, fabric: Fabric) {
    this.device = new Device(rank, fabric, {
      arrived: (envelope, cell, from) => {
        this.arrivedTags.push(envelope.tag);
        this.arrived.push({ envelope, bytes: cell?.slice(from, from + envelope.bytes) });
      },
    });
  }

  send(dest: number, tag: number, bytes: Uint8Array, synchronous = false): void {
    this.device.send(dest, 0, tag, { type: byteType, bytes }, synchronous, () => {
      this.sent += 1;
    });
  }

  /** Receives what has arrived. */
  readonly receive = (): boolean => {
    const some = this.arrived.length > 0;
    while (this.arrived.length > 0) this.#receiveOne();
    return some;
  };

  #receiveOne(): void {
    const { envelope, bytes } = this.arrived.shift()!;
    const { source, tag } = envelope;
    if (bytes) {
      this.received.push({ source, tag, bytes });
      return this.device.received(envelope);
    }
    const target = new Uint8Array(envelope.bytes);
    this.device.accept(envelope, target, () => this.received.push({ source, tag, bytes: target }));
  }
}

/** Hosts with ranks; what crosses between hosts is counted, and on its way for a moment. */
class World {
  readonly ranks: Rank[] = [];
  readonly #gateways: Gateway[] = [];
  /** Bytes between the hosts, now and at the most. */
  underWay = 0;
  most = 0;

  constructor(hosts: readonly number[]) {
    for (const host of new Set(hosts)) {
      const local = hosts.flatMap((each, rank) => (each === host ? [rank] : []));
      const map = createFabric(hosts.length, local, hosts);
      for (const rank of local) this.ranks[rank] = new Rank(rank, new Fabric(map));
      this.#gateways[host] = new Gateway(1, map, (to, frames) => this.#cross(host, to, frames));
    }
  }

  #cross(from: number, to: number, frames: Frames): void {
    const bytes = sizeOf(frames);
    this.underWay += bytes;
    this.most = Math.max(this.most, this.underWay);
    setImmediate(() => {
      this.underWay -= bytes;
      this.#gateways[to]!.deliver(from, frames);
    });
  }

  /** Lets everybody make progress until `isOver`, or until nothing moves any more. */
  async run(isOver: () => boolean, each: (rank: Rank) => boolean = () => false): Promise<void> {
    for (let still = 0; still < 20 && !isOver(); still++) {
      for (const rank of this.ranks) {
        if (rank.device.progress()) still = 0;
        if (each(rank)) still = 0;
      }
      await new Promise(setImmediate);
    }
  }

  close(): void {
    for (const gateway of this.#gateways) gateway.close();
  }
}

let world: World;
afterEach(() => world.close());

function filled(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 7 + seed;
  return bytes;
}

const places_ = { "one host": [0, 0, 0], "two hosts": [0, 0, 1], "a host each": [0, 1, 2] };
const length = fc.oneof(
  fc.nat(300),
  fc.constantFrom(
    8127,
    8128,
    8129,
    16_384,
    32_768,
    32_769,
    65_537,
    parkingPlaces.bytes,
    parkingPlaces.bytes + 1,
    nearPlaces.bytes,
    nearPlaces.bytes + 1,
    4 * farPlaces.bytes + 5,
  ),
);

describe.each(Object.entries(places_))("on %s", (_name, hosts) => {
  test("all that is sent arrives whole, and the messages of a pair in order", async () => {
    const send = fc.record({ from: fc.nat(2), to: fc.nat(2), length, synchronous: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(send, { maxLength: 30 }), async (sends) => {
        world = new World(hosts);
        for (const [tag, { from, to, length: bytes, synchronous }] of sends.entries())
          world.ranks[from]!.send(to, tag, filled(bytes, tag), synchronous);
        const count = () => world.ranks.reduce((sum, { received }) => sum + received.length, 0);
        await world.run(
          () => count() === sends.length && world.ranks.every(({ device }) => device.drained),
          (rank) => rank.receive(),
        );
        for (const [rank, { received, sent }] of world.ranks.entries()) {
          expect(sent).toBe(sends.filter(({ from }) => from === rank).length);
          for (const { source, tag, bytes } of received) {
            expect([source, rank]).toEqual([sends[tag]!.from, sends[tag]!.to]);
            expect(Buffer.compare(bytes, filled(sends[tag]!.length, tag))).toBe(0);
          }
          expect(received).toHaveLength(sends.filter(({ to }) => to === rank).length);
        }
        world.close();
      }),
      { numRuns: 8 },
    );
  });

  test("messages of a pair arrive in the order in which they were sent, whether at once or announced", async () => {
    world = new World(hosts);
    const [from, to] = [world.ranks[0]!, world.ranks[2]!];
    for (let tag = 0; tag < 3000; tag++)
      from.send(2, tag, filled(tag % 97 === 0 ? 9000 + 20 * tag : tag % 50, tag), tag % 31 === 0);
    await world.run(
      () => to.received.length === 3000,
      (rank) => rank.receive(),
    );
    expect(to.arrivedTags).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });

  test("a rank that does not receive holds back those that send it small messages, and gets them all when it does", async () => {
    world = new World(hosts);
    const [from, to] = [world.ranks[0]!, world.ranks[2]!];
    const count = 5000;
    for (let tag = 0; tag < count; tag++) from.send(2, tag, filled(500, tag));
    await world.run(() => false);
    const held = to.arrived.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
    expect(held).toBeLessThanOrEqual(1 << 17);
    expect(from.sent).toBeLessThan(300);
    await world.run(
      () => to.received.length === count,
      (rank) => rank.receive(),
    );
    expect(to.received.map(({ tag }) => tag)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(from.sent).toBe(count);
  });
});

test("within a host, messages of middle size are gone at once as long as there are places for them, and the others when they were asked for", async () => {
  world = new World([0, 0, 0]);
  const [from, to] = [world.ranks[0]!, world.ranks[2]!];
  const count = 3 * parkingPlaces.count;
  for (let tag = 0; tag < count; tag++) from.send(2, tag, filled(parkingPlaces.bytes - tag, tag));
  await world.run(() => false);
  expect(from.sent).toBe(parkingPlaces.count);
  to.receive(); // all of them: the places are free again
  from.send(1, count, filled(20_000, count));
  expect(from.sent).toBe(parkingPlaces.count + 1);
  await world.run(
    () => to.received.length === count && from.sent === count + 1,
    (rank) => rank.receive(),
  );
  for (const { tag, bytes } of to.received)
    expect(Buffer.compare(bytes, filled(parkingPlaces.bytes - tag, tag))).toBe(0);
});

test.each([
  ["within a host", [0, 0]],
  ["between hosts", [0, 1]],
])("what nobody wants of a message does not come, and its send is over, %s", async (_where, hosts) => {
  world = new World(hosts);
  const [from, to] = [world.ranks[0]!, world.ranks[1]!];
  from.send(1, 0, filled(1_000_000, 1));
  await world.run(() => to.arrived.length === 1);
  to.device.drop(to.arrived[0]!.envelope);
  await world.run(() => false);
  expect([from.sent, from.device.drained]).toEqual([1, true]);
  expect(to.device.counts.taken[0]).toBe(1);
});

test("however many large messages a rank asks for, no more pieces are under way than it has places for", async () => {
  world = new World([0, 1, 1]);
  const big = filled(5 * farPlaces.bytes, 3);
  for (let tag = 0; tag < 4; tag++) {
    world.ranks[1]!.send(0, tag, big);
    world.ranks[2]!.send(0, tag, big);
  }
  const to = world.ranks[0]!;
  await world.run(
    () => to.received.length === 8,
    (rank) => rank.receive(),
  );
  expect(to.received.every(({ bytes }) => Buffer.compare(bytes, big) === 0)).toBe(true);
  expect(world.most).toBeLessThanOrEqual(farPlaces.count * farPlaces.bytes + 20_000);
  expect(world.most).toBeGreaterThan(2 * farPlaces.bytes);
});
