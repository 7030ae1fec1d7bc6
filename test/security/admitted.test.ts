/**
 * Who has a key of the cluster, but is not what it should be: a host that was taken over may spoil its own parts and its own
 * process. It does not crash the driver, does not speak for others, and its parts are computed elsewhere.
 */
import net from "node:net";
import fc from "fast-check";
import { DealerClient } from "../../src/transport/dealer-client.ts";
import { lanes } from "../../src/transport/transport.ts";
import { framesOf, type ToDriver } from "../../src/wire/messages.ts";
import { encodeValue } from "../../src/wire/value-codec.ts";
import type { PlayedHost } from "./fixtures/played-host.ts";
import { Target } from "./fixtures/target.ts";
import { frameHeader } from "./fixtures/zmtp.ts";

const MiB = 2 ** 20;

let target: Target;
beforeAll(async () => {
  target = await Target.launch({ real: 1, played: 4 });
}, 180_000);
afterAll(() => target.close());

/** Played hosts by their names. */
function played(name: string): PlayedHost {
  return target.played.find(({ settings }) => settings.host === name)!;
}

async function lostAfter(name: string, attack: (host: PlayedHost) => void): Promise<string> {
  const host = played(name);
  const others = (await target.goesOn()).hosts.filter(({ lost, name: each }) => lost === undefined && each !== name);
  attack(host);
  const { hosts } = await target.goesOn(name);
  for (const other of others) expect(hosts.find((each) => each.name === other.name)!.lost).toBeUndefined();
  return hosts.find((each) => each.name === name)!.lost!;
}

test("a second host with the name of one that is connected is not heard, whatever it says", async () => {
  const thief = { ...played("node2").settings, peer: target.settings.get("node1")!.peer };
  const client = new DealerClient(thief.peer, { curve: thief.curve });
  client.connect(thief.endpoints[0]!);
  const said: ToDriver[] = [
    { kind: "Failure", job: 1, rank: 1, assignment: 1, part: 0, error: { name: "Error", message: "made up" } },
    { kind: "Stopped", job: 1, forced: [], talk: null },
    { kind: "Partial", job: 1, rank: 1, assignment: 1, parts: [0], last: true, computeMs: 1 },
  ];
  for (const lane of lanes) for (const message of said) await client.send(lane, framesOf(message));
  await target.goesOn();
  const { hosts } = await target.goesOn();
  expect(hosts.filter(({ lost }) => lost !== undefined)).toEqual([]);
  await client.close();
});

test("a key of the cluster without the name of a host is not heard", async () => {
  const { curve, endpoints } = played("node2").settings;
  const client = new DealerClient("node1-0000000000000000", { curve });
  client.connect(endpoints[0]!);
  for (const lane of lanes) await client.send(lane, [new Uint8Array(1000)]);
  const failure = { kind: "Failure", job: 1, rank: 1, assignment: 1, part: null } as const;
  await client.send("data", framesOf({ ...failure, error: { name: "Error", message: "made up" } }));
  const { hosts } = await target.goesOn();
  expect(hosts.filter(({ lost }) => lost !== undefined)).toEqual([]);
  await client.close();
});

test("a 1 GiB frame of a host that was let in ends its connection at the header; it may connect again", async () => {
  const { settings } = played("node2");
  const sockets: net.Socket[] = [];
  let over: Promise<void>[] = [];
  const proxy = net.createServer((near) => {
    const far = net.connect(target.port, "127.0.0.1");
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on("error", () => {});
    over.push(new Promise((resolve) => far.once("close", () => resolve())));
    far.on("close", () => near.destroy());
    near.on("close", () => far.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as net.AddressInfo;
  const before = (await target.goesOn()).rss;
  const client = new DealerClient("somebody", { curve: settings.curve });
  client.connect(`tcp://127.0.0.1:${port}`);
  for (const lane of lanes) await client.send(lane, [new Uint8Array(10)]);
  await target.goesOn(); // both are through their handshakes, or what follows would break those
  const first = over;
  over = [];
  for (const [i, socket] of sockets.entries())
    if (i % 2 === 1) socket.write(Buffer.concat([frameHeader("message", 2 ** 30), Buffer.alloc(65_536)]));
  await Promise.all(first);
  expect((await target.goesOn()).rss - before).toBeLessThan(32 * MiB);
  await client.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
});

test("a host that sends partials for a rank of another is lost, and says why", async () => {
  const why = await lostAfter("node3", (host) => {
    const forged = host.partial(host.lastWork!, { rank: 1 });
    host.send(forged, encodeValue(forged.parts.map(() => "forged")));
  });
  expect(why).toBe("it spoke for rank 1, which is not its own");
});

test("partials of work that it never had are not taken from a host that is otherwise right", async () => {
  const host = played("node2");
  for (let assignment = 1; assignment < 2000; assignment++) {
    const forged = { ...host.partial(host.lastWork!), assignment, parts: [assignment], last: false };
    host.send(forged, encodeValue(["forged"]));
  }
  const { hosts } = await target.goesOn();
  expect(hosts.find(({ name }) => name === "node2")!.lost).toBeUndefined();
});

test("10,000 mutated messages of a valid host: it is lost with the first that can't be read, and nothing else happens", async () => {
  const host = played("node4");
  const { rank } = host;
  const work = host.lastWork!;
  const report = {
    transitions: [],
    progress: [{ rank, job: 1, done: 1, total: 2 }],
    standings: [],
    usage: null,
    talk: null,
  };
  const valid: (readonly [ToDriver, Parameters<typeof framesOf>[1]])[] = [
    [host.hello(), undefined],
    [{ kind: "Report", ...report }, undefined],
    [
      host.partial(work),
      encodeValue(work.parts.map((i) => [i, new Float64Array(20), "text", -0, 3n, new Map([[1, 2]])])),
    ],
  ];
  const mutated = fc
    .tuple(fc.constantFrom(...valid), fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), fc.nat(30))
    .map(([[message, value], flips, cut]) => {
      const frames = framesOf(message, value).map((frame) => new Uint8Array(frame));
      const frame = frames[cut % frames.length]!;
      for (const flip of flips) if (frame.length > 0) frame[(flip >> 3) % frame.length]! ^= 1 << (flip & 7);
      return cut % 5 === 0 ? frames.slice(0, -1) : frames;
    });
  const seed = Date.now() | 0;
  const messages = fc.sample(mutated, { numRuns: 10_000, seed });
  const before = (await target.goesOn()).rss;
  const why = await lostAfter("node4", () => {
    // Not before: reduce takes the parts in their order, so a host that keeps one soon holds up all others.
    host.answers = false;
    for (const frames of messages) if (frames.length > 0) host.sendFrames(frames);
  });
  const expected = /has not the shape of one|could not be read|not one for each part|spoke for rank/;
  expect({ seed, why }).toEqual({ seed, why: expect.stringMatching(expected) });
  expect((await target.goesOn()).rss - before).toBeLessThan(64 * MiB);
});

test("a few hundred bytes that would unpack to gigabytes cost their host its place, and the driver nothing", async () => {
  const before = (await target.goesOn()).rss;
  const tower = Array.from({ length: 2000 }, () => [0xdd, 1, 0, 0, 0]).flat();
  const why = await lostAfter("node5", (host) => host.sendFrames([new Uint8Array(tower)]));
  expect(why).toMatch(/announces more than there is/);
  expect((await target.goesOn()).rss - before).toBeLessThan(32 * MiB);
});

test("after all that, the job ends right, with what the honest hosts computed", async () => {
  const { total, parts } = await target.finish();
  expect(parts.slice(0, 3).every((count) => count > 0)).toBe(true);
  expect(parts.reduce((sum, count) => sum + count, 0)).toBe(total);
});
