/** One contract, run over each way that frames can go. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { TransportError } from "../../src/errors.ts";
import { DealerClient } from "../../src/transport/dealer-client.ts";
import { RouterServer } from "../../src/transport/router-server.ts";
import { type Frames, type Lane, lanes } from "../../src/transport/transport.ts";
import { makeCurveKeys } from "../../src/transport/zap.ts";
import { Inbox } from "../support/inbox.ts";
import { nothingIsLeft } from "../support/nothing-left.ts";

const folder = mkdtempSync(join(tmpdir(), "mpits-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
/** Where to listen, and whether with keys. */
interface Place {
  readonly endpoint: string;
  readonly secured: boolean;
}
const plain = (endpoint: string): Place => ({ endpoint, secured: false });
const places: [string, () => Place][] = [
  ["inproc", () => plain(`inproc://test-${++count}`)],
  ["ipc", () => plain(`ipc://${join(folder, `socket-${++count}`)}`)],
  ["tcp", () => plain("tcp://127.0.0.1:*")],
  ["tcp with keys", () => ({ endpoint: "tcp://127.0.0.1:*", secured: true })],
];
const serverKeys = makeCurveKeys();
const clientKeys = makeCurveKeys();

interface AtServer {
  readonly peer: string;
  readonly lane: Lane;
  readonly frames: Frames;
}
interface AtClient {
  readonly lane: Lane;
  readonly frames: Frames;
}

/** What a test opened; closed after it, whatever became of it. */
let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});
nothingIsLeft(); // after the closing: hooks run in their order

/** Only TCP can be reached from outside of a machine. */
function isInside(endpoint: string): boolean {
  return !endpoint.startsWith("tcp:");
}

async function serve({ endpoint, secured }: Place) {
  const server = new RouterServer(
    secured ? { keys: serverKeys, clientKeys: [clientKeys.publicKey] } : undefined,
    isInside(endpoint),
  );
  open.push(server);
  const inbox = new Inbox<AtServer>();
  const address: Place = { endpoint: await server.listen(endpoint), secured };
  server.start((peer, lane, frames) => inbox.push({ peer, lane, frames }));
  return { server, inbox, address };
}

async function joinAt({ endpoint, secured }: Place, peer: string, server: Inbox<AtServer>) {
  const curve = secured ? { curve: { keys: clientKeys, serverKey: serverKeys.publicKey } } : {};
  const client = new DealerClient(peer, { ...curve, inside: isInside(endpoint) });
  open.push(client);
  const inbox = new Inbox<AtClient>();
  client.start((lane, frames) => inbox.push({ lane, frames }));
  client.connect(endpoint);
  for (const lane of lanes) await client.send(lane, [text("hello")]);
  await server.take(lanes.length);
  return { client, inbox };
}

async function pair(place: Place, peer = "host-1") {
  const { server, inbox: atServer, address } = await serve(place);
  const { client, inbox: atClient } = await joinAt(address, peer, atServer);
  return { server, client, atServer, atClient, address };
}

describe.each(places)("over %s", (_, place) => {
  test("frames arrive whole and byte-identical, from nothing to 8 MiB, both ways", async () => {
    const { server, client, atServer, atClient } = await pair(place());
    const sizes = [0, 1, 7, 33, 255, 256, 4096, 65_535, 65_536, 1 << 20, 8 << 20];
    const frames = sizes.filter((size) => size <= server.longestFrame).map(filled);
    for (const lane of lanes) {
      await client.send(lane, frames);
      expectSame((await atServer.next()).frames, frames);
      await server.send("host-1", lane, frames);
      expectSame((await atClient.next()).frames, frames);
    }
  });

  test("a frame that is longer than the longest is refused where it is sent, and the connection stays", async () => {
    const { server, client, atServer, atClient } = await pair(place());
    if (server.longestFrame === Number.POSITIVE_INFINITY) return;
    const tooLong = [text("head"), new Uint8Array(server.longestFrame + 1)];
    await expect(client.send("data", tooLong)).rejects.toThrow(TransportError);
    await expect(server.send("host-1", "data", tooLong)).rejects.toThrow(TransportError);
    const longest = [filled(server.longestFrame)];
    await client.send("data", longest);
    expectSame((await atServer.next()).frames, longest);
    await server.send("host-1", "data", longest);
    expectSame((await atClient.next()).frames, longest);
  });

  test("any list of frames arrives as that list", async () => {
    const { server, client, atServer, atClient } = await pair(place());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...lanes),
        async (frames, lane) => {
          await client.send(lane, frames);
          const up = await atServer.next();
          expect([up.peer, up.lane]).toEqual(["host-1", lane]);
          expectSame(up.frames, frames);
          await server.send("host-1", lane, frames);
          const down = await atClient.next();
          expect(down.lane).toBe(lane);
          expectSame(down.frames, frames);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("order holds within a lane", async () => {
    const { server, client, atServer, atClient } = await pair(place());
    const messages = 500;
    for (let i = 0; i < messages; i++)
      for (const lane of lanes) {
        void client.send(lane, [text(String(i))]);
        void server.send("host-1", lane, [text(String(i))]);
      }
    const numbers = Array.from({ length: messages }, (_, i) => String(i));
    const arrived = [await atServer.take(2 * messages), await atClient.take(2 * messages)];
    for (const inbox of arrived)
      for (const lane of lanes)
        expect(inbox.filter((each) => each.lane === lane).map(({ frames }) => asText(frames[0]!))).toEqual(numbers);
  });

  test("peers are told apart, also by names with a slash", async () => {
    const { server, inbox, address } = await serve(place());
    const names = ["a", "a/b", "ü/control"];
    const clients = [];
    for (const name of names) clients.push(await joinAt(address, name, inbox));
    for (const [i, name] of names.entries()) {
      await clients[i]!.client.send("data", [text(name)]);
      expect((await inbox.next()).peer).toBe(name);
      await server.send(name, "control", [text(`to ${name}`)]);
      expect(asText((await clients[i]!.inbox.next()).frames[0]!)).toBe(`to ${name}`);
    }
  });

  test("control from a client is not behind its data", async () => {
    const { server, client, atServer } = await pair(place());
    const messages = 400;
    const sent: Promise<void>[] = [];
    server.rest(); // one message more at most, and nothing then: the data piles up
    for (let i = 0; i < messages; i++) sent.push(client.send("data", [new Uint8Array(50_000)]));
    sent.push(client.send("control", [text("cancel")]));
    await Promise.all(sent);
    server.resume();
    let before = 0;
    while ((await atServer.next()).lane === "data") before++;
    expect(before).toBeLessThan(messages);
    await atServer.take(messages - before);
  });

  test("control to a client is not behind its data", async () => {
    const { server, client, atClient } = await pair(place());
    const messages = 60;
    client.rest();
    for (let i = 0; i < messages; i++) void server.send("host-1", "data", [new Uint8Array(500_000)]);
    const sent = server.send("host-1", "control", [text("cancel")]);
    await sent;
    client.resume();
    let before = 0;
    while ((await atClient.next()).lane === "data") before++;
    expect(before).toBeLessThan(messages);
    await atClient.take(messages - before);
  });

  test("a send to an unknown peer is refused, and the others go on", async () => {
    const { server, atClient } = await pair(place());
    const refused = server.send("nobody", "data", [text("x")]);
    const taken = server.send("host-1", "data", [text("y")]);
    await expect(refused).rejects.toThrow(TransportError);
    await taken;
    expect(asText((await atClient.next()).frames[0]!)).toBe("y");
  });

  test("a peer that has left is unknown again", async () => {
    const { server, client } = await pair(place());
    await client.close();
    let refusal: unknown;
    while (refusal === undefined) {
      await server.send("host-1", "data", [text("still there?")]).catch((error: unknown) => {
        refusal = error;
      });
      await new Promise(setImmediate);
    }
    expect(refusal).toBeInstanceOf(TransportError);
  });

  test("close ends a receive that is pending, and can be called twice", async () => {
    const { server, client } = await pair(place());
    await Promise.all([server.close(), server.close(), client.close()]);
    await client.close();
  });

  test("what is sent after close is refused, with a promise and not with a throw", async () => {
    const { server, client } = await pair(place());
    await Promise.all([server.close(), client.close()]);
    await expect(server.send("host-1", "control", [text("x")])).rejects.toThrow(TransportError);
    await expect(client.send("data", [text("x")])).rejects.toThrow(TransportError);
  });

  test("what waits to be sent when the connection is closed is refused or was taken, and never waits for ever", async () => {
    const { server, client } = await pair(place());
    const sent = Array.from({ length: 50 }, () => client.send("data", [new Uint8Array(100_000)]));
    const outcomes = Promise.allSettled(sent);
    await Promise.all([client.close(), server.close()]);
    for (const outcome of await outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(TransportError);
    expect((await outcomes).at(-1)!.status).toBe("rejected");
  });

  test("a resting server reads one message at most, and all the others in their order when it resumes", async () => {
    const { server, client, atServer } = await pair(place());
    const other = await pair(place(), "other");
    server.rest();
    const already = atServer.all.length;
    for (const word of ["1", "2", "3"]) await client.send("data", [text(word)]);
    for (let i = 0; i < 20; i++) await roundTrip(other); // time in which they could have been read
    expect(atServer.all.length - already).toBeLessThanOrEqual(1);
    server.resume();
    expect((await atServer.take(3)).map(({ frames }) => asText(frames[0]!))).toEqual(["1", "2", "3"]);
  });

  test("after rest and one message a client reads nothing until it resumes", async () => {
    const { server, client, atClient } = await pair(place());
    const other = await pair(place(), "other");
    client.rest();
    for (const lane of lanes) await server.send("host-1", lane, [text("rest")]);
    await atClient.take(lanes.length);
    for (const lane of lanes) await server.send("host-1", lane, [text("work")]);
    for (let i = 0; i < 20; i++) await roundTrip(other);
    expect(atClient.all.length).toBe(lanes.length);
    client.resume();
    expect((await atClient.take(lanes.length)).map(({ frames }) => asText(frames[0]!))).toEqual(["work", "work"]);
  });

  test("rest and resume again and again lose nothing", async () => {
    const { server, client, atServer } = await pair(place());
    for (let i = 0; i < 30; i++) {
      server.rest();
      if (i % 3 === 0) server.rest();
      await client.send("control", [text(String(i))]);
      server.resume();
      if (i % 2 === 0) server.resume();
      expect(asText((await atServer.next()).frames[0]!)).toBe(String(i));
    }
  });

  test("a resting client and server are closed at once", async () => {
    const { server, client } = await pair(place());
    server.rest();
    client.rest();
    await Promise.all([server.close(), client.close()]);
  });
});

test("an endpoint that can't be listened on is refused by name", async () => {
  const { server, address } = await serve(plain("tcp://127.0.0.1:*"));
  await expect(server.listen("tcp://127.0.0.1:port")).rejects.toThrow(/could not listen on tcp:\/\/127\.0\.0\.1:port/);
  await expect(server.listen(address.endpoint)).rejects.toThrow(TransportError);
  await expect(server.listen(`ipc://${join(folder, "no", "such", "folder")}`)).rejects.toThrow(TransportError);
});

test("a server with keys follows another at once, again and again", async () => {
  for (let i = 0; i < 40; i++) {
    const { server, client } = await pair({ endpoint: "tcp://127.0.0.1:*", secured: true });
    await Promise.all([client.close(), server.close()]);
  }
});

test("listen gives out the port, and one server serves several endpoints", async () => {
  const { server, inbox, address } = await serve(plain("tcp://127.0.0.1:*"));
  expect(address.endpoint).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  const second = plain(await server.listen(`inproc://test-${++count}`));
  const near = await joinAt(second, "near", inbox);
  const far = await joinAt(address, "far", inbox);
  await far.client.send("data", [text("f")]);
  expect((await inbox.next()).peer).toBe("far");
  await near.client.send("data", [text("n")]);
  expect((await inbox.next()).peer).toBe("near");
});

const fixture = fileURLToPath(new URL("fixtures/resting.ts", import.meta.url));

test.each(["inproc://fixture", "tcp://127.0.0.1:*"])(
  "a program whose server rests ends by itself (%s)",
  async (endpoint) => {
    const child = run(endpoint);
    expect(await child.ended).toEqual({ code: 0, stdout: "connected\n" });
  },
);

test("a program whose server listens does not end by itself", async () => {
  const child = run("inproc://fixture", "awake");
  await child.printed;
  child.kill();
  expect((await child.ended).code).toBeNull();
});

function run(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", fixture, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  const printed = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      resolve();
    });
  });
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout }));
  });
  return { ended, printed, kill: () => child.kill("SIGKILL") };
}

async function roundTrip({ server, client, atServer, atClient }: Awaited<ReturnType<typeof pair>>): Promise<void> {
  await client.send("data", [text("there")]);
  await atServer.next();
  await server.send("other", "data", [text("back")]);
  await atClient.next();
}

function text(value: string): Uint8Array {
  return Buffer.from(value);
}

function asText(frame: Uint8Array): string {
  return Buffer.from(frame).toString();
}

function filled(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 8)) & 255;
  return bytes;
}

function expectSame(got: Frames, wanted: Frames): void {
  expect(got.map(({ byteLength }) => byteLength)).toEqual(wanted.map(({ byteLength }) => byteLength));
  for (const [i, frame] of wanted.entries()) expect(Buffer.compare(got[i]!, frame)).toBe(0);
}
