/** Who has no key: whatever strangers send to the driver's port, they are hung up on, the driver keeps nothing, and the job goes on. */
import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { curveKeyPair, Dealer } from "zeromq";
import { chunkBytes, maxFrameBytes } from "../../src/limits.ts";
import { ownContext } from "../../src/transport/context.ts";
import { routingId } from "../../src/transport/routing-id.ts";
import { lanes } from "../../src/transport/transport.ts";
import { framesOf } from "../../src/wire/messages.ts";
import { Target } from "./fixtures/target.ts";
import { curveHello, frameHeader, greeting, type Knock, knock } from "./fixtures/zmtp.ts";

const MiB = 2 ** 20;

let target: Target;
beforeAll(async () => {
  target = await Target.launch({ real: 1, played: 0 });
}, 180_000);
afterAll(() => target.close());

/** What becomes of a client's connection. */
async function fateOf({ events }: Dealer): Promise<string> {
  for (;;) {
    const { type } = await events.receive();
    if (type === "handshake") return "let in";
    if (type === "disconnect") return "hung up on";
  }
}

async function growthBy(attack: () => Promise<void>): Promise<number> {
  const before = (await target.goesOn()).rss;
  await attack();
  return (await target.goesOn()).rss - before;
}

test("a port scanner is hung up on: nothing said, garbage, HTTP, TLS, old and other ZMTP", async () => {
  const words = [
    Buffer.alloc(0),
    Buffer.from("GET / HTTP/1.1\r\nHost: node1\r\n\r\n"),
    Buffer.from("SSH-2.0-scanner\r\n"),
    Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
    Buffer.from([1, 0]), // ZMTP 1
    greeting("CURVE", [1, 0]),
    greeting("NULL"),
    greeting("PLAIN"),
    Buffer.concat([greeting("CURVE"), Buffer.from("\u0005HELLO")]),
    randomFillSync(Buffer.alloc(65_536)),
  ];
  const growth = await growthBy(async () => {
    await Promise.all(words.map((each) => knock(target.port, each, true).closed));
    // These are hung up on at once, though they leave their side open.
    const atOnce = [words[1]!, words[2]!, words[4]!, words[5]!, words[6]!, words[7]!];
    await Promise.all(atOnce.map((each) => knock(target.port, each).closed));
  });
  expect(growth).toBeLessThan(32 * MiB);
});

test.each([
  ["without keys, as plain ZeroMQ", undefined],
  ["with keys of its own, and the driver's public one", "real"],
  ["with keys of its own, and another driver's public one", "foreign"],
] as const)("a client %s is not let in, and not heard", async (_, serverKey) => {
  const { curve, peer } = target.settings.get("node1")!;
  const { publicKey, secretKey } = curveKeyPair();
  const keys = serverKey && {
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
    curveServerKey: serverKey === "real" ? curve!.serverKey : curveKeyPair().publicKey,
  };
  const clients = lanes.map((lane) => {
    const options = { context: ownContext, linger: 0, ...keys };
    return new Dealer({ ...options, routingId: routingId(peer, lane) });
  });
  const fates = clients.map(fateOf);
  for (const client of clients) {
    client.connect(`tcp://127.0.0.1:${target.port}`);
    const stop = framesOf({ kind: "Stopped", job: 1, forced: [0], talk: null });
    client.send(stop as Uint8Array[]).catch(() => {}); // never taken
  }
  expect(await Promise.all(fates)).toEqual(["hung up on", "hung up on"]);
  for (const client of clients) client.close();
  const { hosts } = await target.goesOn();
  expect(hosts.filter(({ lost }) => lost !== undefined)).toEqual([]);
});

test("10,000 random and mutated greetings and handshakes change nothing", async () => {
  const random = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const real = fc
    .tuple(
      fc.constantFrom<"CURVE" | "NULL">("CURVE", "NULL"),
      fc.uint8Array({ minLength: 194, maxLength: 194 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      fc.nat(),
    )
    .map(([mechanism, body, flips, cut]) => {
      const bytes = Buffer.concat([greeting(mechanism), curveHello(body)]);
      for (const flip of flips) bytes[(flip >> 3) % bytes.length]! ^= 1 << (flip & 7);
      return bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0));
    });
  const frames = fc.sample(fc.oneof(random, real), 10_000);
  const growth = await growthBy(async () => {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let next = frames.pop(); next; next = frames.pop()) await knock(target.port, next, true).closed;
      }),
    );
  });
  expect(growth).toBeLessThan(32 * MiB);
}, 180_000); // a few seconds where nothing else runs

test("a 1 GiB frame is hung up on at its header, and of frames that are short enough, no more is kept than was sent", async () => {
  const announce = (bytes: number) => Buffer.concat([greeting("CURVE"), frameHeader("command", bytes)]);
  for (const bytes of [2 ** 30, maxFrameBytes + 1, 2 ** 62]) await knock(target.port, announce(bytes)).closed;
  let open: Knock[] = [];
  const growth = await growthBy(async () => {
    const most = Buffer.concat([announce(maxFrameBytes), Buffer.alloc(chunkBytes)]);
    open = Array.from({ length: 20 }, () => knock(target.port, most));
    await Promise.all(open.map(({ opened }) => opened));
    await target.goesOn();
  });
  expect(growth).toBeLessThan(20 * maxFrameBytes + 32 * MiB);
  for (const { socket } of open) socket.destroy();
});

test("1,000 connects that say nothing, or half a greeting, are dropped by themselves, and cost less than 64 KiB each", async () => {
  const half = greeting("CURVE").subarray(0, 30);
  const silent: Knock[] = [];
  const growth = await growthBy(async () => {
    while (silent.length < 1000) {
      const some = Array.from({ length: 50 }, (_, i) => knock(target.port, i % 10 === 0 ? half : Buffer.alloc(0)));
      await Promise.all(some.map(({ greeted }) => greeted));
      silent.push(...some);
    }
  });
  expect(growth).toBeLessThan(1000 * 64 * 1024);
  await Promise.all(silent.map(({ closed }) => closed));
});

test("more connects than the driver may have files open: nobody is lost, and when they have gone, it answers again", async () => {
  const narrow = await Target.launch({ real: 1, played: 0, wrapper: ["prlimit", "--nofile=128"] });
  const knocks: Knock[] = [];
  try {
    await narrow.goesOn(); // all that it needs is loaded
    while (knocks.length < 300) knocks.push(knock(narrow.port, Buffer.alloc(0)));
    await Promise.all(knocks.map(({ opened }) => opened));
    await narrow.goesOn();
    for (const { socket } of knocks) socket.destroy();
    knocks.push(knock(narrow.port, greeting("CURVE")));
    await knocks.at(-1)!.greeted;
    const { hosts } = await narrow.goesOn();
    expect(hosts.filter(({ lost }) => lost !== undefined)).toEqual([]);
    expect((await narrow.finish()).total).toBeGreaterThan(0);
  } finally {
    for (const { socket } of knocks) socket.destroy();
    await narrow.close();
  }
}, 60_000);

test("after all that, the job ends right, on all ranks", async () => {
  const { total, parts } = await target.finish();
  expect(parts).toHaveLength(3);
  expect(Math.min(...parts)).toBeGreaterThan(0);
  expect(parts.reduce((sum, count) => sum + count, 0)).toBe(total);
  expect(target.output).toBe("");
});
