/**
 * Connections on which nothing gets through any more, and which nobody closes: TCP does that for minutes where much is lost. They go
 * through a proxy of the test, which can let those that stand now stand still, one way or both.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { DealerClient } from "../../src/transport/dealer-client.ts";
import { PeerLine } from "../../src/transport/peer-line.ts";
import { RouterServer } from "../../src/transport/router-server.ts";
import { type Lane, lanes } from "../../src/transport/transport.ts";
import { makeCurveKeys } from "../../src/transport/zap.ts";
import { Inbox } from "../support/inbox.ts";
import { nothingIsLeft } from "../support/nothing-left.ts";

/** A connection is then given up after a quarter of a second. */
const tickMs = 20;

type Way = "up" | "down";

class StallingProxy {
  readonly #server: Server;
  readonly #ends: { readonly up: Socket; readonly down: Socket }[] = [];

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      for (const end of [client, server]) end.on("error", () => {});
      client.pipe(server);
      server.pipe(client);
      this.#ends.push({ up: client, down: server });
    });
  }

  static async to(endpoint: string): Promise<StallingProxy> {
    const proxy = new StallingProxy(Number(new URL(endpoint.replace("tcp:", "http:")).port));
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#ends.length;
  }

  /** Nothing gets through by the connections of now any more. */
  stall(...ways: Way[]): void {
    for (const ends of this.#ends)
      for (const way of ways) {
        ends[way].unpipe();
        ends[way].pause();
      }
  }

  close(): void {
    this.#server.close();
    for (const { up, down } of this.#ends) for (const end of [up, down]) end.destroy();
  }
}

let open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});
nothingIsLeft();

const serverKeys = makeCurveKeys();
const clientKeys = makeCurveKeys();
const text = (words: string) => Buffer.from(words);
const firstOf = ({ frames }: { frames: readonly Uint8Array[] }) => Buffer.from(frames[0]!).toString();

async function star() {
  const server = new RouterServer({ keys: serverKeys, clientKeys: [clientKeys.publicKey] }, false, tickMs);
  const atServer = new Inbox<{ lane: Lane; frames: readonly Uint8Array[] }>();
  const endpoint = await server.listen("tcp://127.0.0.1:*");
  server.start((_, lane, frames) => atServer.push({ lane, frames }));
  const proxy = await StallingProxy.to(endpoint);
  open.push(server, proxy);
  return { server, atServer, proxy };
}

const curve = { keys: clientKeys, serverKey: serverKeys.publicKey };

async function host() {
  const { server, atServer, proxy } = await star();
  const client = new DealerClient("host", { curve, tickMs });
  const atClient = new Inbox<{ lane: Lane; frames: readonly Uint8Array[] }>();
  const renewed = new Inbox<Lane>();
  client.onRenewed(renewed.push);
  client.start((lane, frames) => atClient.push({ lane, frames }));
  client.connect(proxy.endpoint);
  open.push(client);
  for (const lane of lanes) await client.send(lane, [text("hello")]);
  await atServer.take(2);
  return { server, client, atServer, atClient, proxy, renewed };
}

test("what a host has sent arrives by a new connection, once and in its order, and what it is sent then", async () => {
  const { server, client, atServer, atClient, proxy } = await host();
  const count = 30;
  const send = (from: number) => {
    for (let i = from; i < from + 10; i++) void client.send("data", [text(String(i)), new Uint8Array(200_000)]);
  };
  send(0);
  await atServer.take(5);
  proxy.stall("up", "down");
  send(10);
  send(20);
  const rest = await atServer.take(count - 5);
  expect(rest.map(firstOf)).toEqual(Array.from({ length: count - 5 }, (_, i) => String(i + 5)));
  await server.send("host", "data", [text("back")]);
  expect(firstOf(await atClient.next())).toBe("back");
});

test.each<Way[]>([["up"], ["down"]])(
  "what a host is sent while it waits for work arrives although %s is all that stands still",
  async (way) => {
    const { server, client, atClient, proxy } = await host();
    client.watch(true);
    await server.send("host", "data", [text("first")]);
    expect(firstOf(await atClient.next())).toBe("first");
    proxy.stall(way);
    for (const words of ["1", "2", "3"]) await server.send("host", "data", [text(words), new Uint8Array(500_000)]);
    expect((await atClient.take(3)).map(firstOf)).toEqual(["1", "2", "3"]);
  },
);

test("control goes on by a new connection too, and the host is told of neither as broken", async () => {
  const { client, atServer, proxy, renewed } = await host();
  let broken = 0;
  client.onBroken(() => (broken += 1));
  proxy.stall("up");
  await client.send("control", [text("report")]);
  expect(await atServer.next()).toMatchObject({ lane: "control" });
  while ((await renewed.next()) !== "control");
  expect(broken).toBe(0);
});

test("ranks of two hosts go on talking when their connection stands still", async () => {
  const { server, atServer, proxy } = await star();
  const line = new PeerLine("ticket", { curve, tickMs });
  open.push(line);
  const atLine = new Inbox<{ frames: readonly Uint8Array[] }>();
  line.connect(proxy.endpoint, (frames) => atLine.push({ frames }));
  line.watch(true);
  await line.send([text("greeting")]);
  await atServer.next();
  proxy.stall("down");
  for (const words of ["1", "2"]) await server.send("ticket", "data", [text(words)]);
  expect((await atLine.take(2)).map(firstOf)).toEqual(["1", "2"]);
});

test("a host whose beats are not answered any more connects anew before its driver counts as gone", async () => {
  const { atServer, proxy } = await star();
  const client = new DealerClient("host", { curve, tickMs, silenceMs: 10_000 });
  open.push(client);
  client.start(() => {});
  const outcome = new Promise<string>((resolve) => {
    client.onBroken(() => resolve("broken"));
    client.onRenewed((lane) => lane === "control" && resolve(lane));
  });
  client.connect(proxy.endpoint);
  for (const lane of lanes) await client.send(lane, [text("hello")]);
  await atServer.take(2);
  proxy.stall("up", "down");
  expect(await outcome).toBe("control");
});

test("a driver that is gone is noticed", async () => {
  const { atServer, proxy } = await star();
  const client = new DealerClient("host", { curve, tickMs, silenceMs: 2000 });
  open.push(client);
  client.start(() => {});
  const broken = new Promise<void>((resolve) => client.onBroken(resolve));
  client.connect(proxy.endpoint);
  for (const lane of lanes) await client.send(lane, [text("hello")]);
  await atServer.take(2);
  proxy.stall("up", "down");
  proxy.close();
  await broken;
});
