/** What we rely on in zeromq.js 6 and work round: when one of these fails after an update, look where we rely on it. */
import { Context, Dealer, Router } from "zeromq";

const context = new Context({ blocky: false });
let open: { close(): void }[] = [];
let count = 0;

afterEach(() => {
  for (const socket of open) socket.close();
  open = [];
});

function router(options: ConstructorParameters<typeof Router>[0] = {}): Router {
  const socket = new Router({ context, linger: 0, ...options });
  open.push(socket);
  return socket;
}

function dealer(options: ConstructorParameters<typeof Dealer>[0] = {}): Dealer {
  const socket = new Dealer({ context, linger: 0, ...options });
  open.push(socket);
  return socket;
}

const address = () => `inproc://pin-${++count}`;
const codeOf = (error: unknown) => (error as { code?: string }).code;

async function greeted(server: Router, client: Dealer): Promise<void> {
  const endpoint = address();
  server.bindSync(endpoint);
  client.connect(endpoint);
  await client.send("hello");
  await server.receive();
}

test("a mandatory ROUTER with sendTimeout 0 refuses an unknown peer with EHOSTUNREACH", async () => {
  const server = router({ mandatory: true, sendTimeout: 0 });
  await expect(server.send(["nobody", "x"])).rejects.toMatchObject({ code: "EHOSTUNREACH" });
});

test("without mandatory it takes the message and drops it", async () => {
  await expect(router().send(["nobody", "x"])).resolves.toBeUndefined();
});

test("a second send while one is pending throws EBUSY at once, and does not reject", async () => {
  const client = dealer({ sendHighWaterMark: 1 });
  const pending = client.send("nobody is connected").catch(codeOf);
  let thrown: unknown;
  try {
    await client.send("second");
  } catch (error) {
    thrown = error;
  }
  expect(() => client.send("third")).toThrow(/busy writing/i);
  expect(codeOf(thrown)).toBe("EBUSY");
  client.close();
  await pending;
});

test("a send on a closed socket throws EBADF at once", () => {
  const client = dealer();
  client.close();
  expect(() => client.send("x")).toThrow(expect.objectContaining({ code: "EBADF" }));
});

test("a second receive while one is pending throws EBUSY at once", async () => {
  const server = router();
  const pending = server.receive().catch(codeOf);
  expect(() => server.receive()).toThrow(/busy reading/i);
  server.close();
  expect(await pending).toBe("EAGAIN");
});

test("close ends a pending receive with EAGAIN", async () => {
  const server = router();
  server.bindSync(address());
  const pending = server.receive().catch(codeOf);
  server.close();
  expect(await pending).toBe("EAGAIN");
});

test("bind() makes a receive fail while it is under way, bindSync() does not", async () => {
  const server = router();
  const binding = server.bind(address());
  expect(() => server.receive()).toThrow(expect.objectContaining({ code: "EBUSY" }));
  await binding;
  const pending = server.receive().catch(codeOf);
  server.bindSync(address());
  expect(server.closed).toBe(false);
  server.close();
  expect(await pending).toBe("EAGAIN");
});

test("unbindSync() does not unbind (6.8.0 binds again), so an address is given back by closing", () => {
  const server = router();
  const endpoint = address();
  server.bindSync(endpoint);
  expect(() => server.unbindSync(endpoint)).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
});

test("over inproc what is received lies in the sender's own memory", async () => {
  const server = router();
  const client = dealer();
  await greeted(server, client);
  const bytes = new Uint8Array(100_000).fill(1);
  await client.send(bytes);
  const [, frame] = await server.receive();
  bytes[0] = 9;
  expect(frame![0]).toBe(9);
});

test("small frames are copied, so a buffer can be used again at once", async () => {
  const server = router();
  const client = dealer();
  await greeted(server, client);
  const bytes = new Uint8Array(20).fill(1);
  await client.send(bytes);
  bytes.fill(9);
  const [, frame] = await server.receive();
  expect([...frame!]).toEqual(new Array(20).fill(1));
});

test("each received frame starts where its memory does, so that arrays over it need no copy", async () => {
  const server = router();
  const client = dealer();
  await greeted(server, client);
  await client.send([new Uint8Array(3), new Uint8Array(800), new Uint8Array(100_000)]);
  const [, ...frames] = await server.receive();
  for (const frame of frames.slice(1)) expect(frame.byteOffset % 8).toBe(0);
});

test("a second peer with the same routing id is ignored without a word", async () => {
  const server = router({ mandatory: true, sendTimeout: 0 });
  const endpoint = address();
  server.bindSync(endpoint);
  const first = dealer({ routingId: "same" });
  first.connect(endpoint);
  await first.send("first");
  expect(String((await server.receive())[1])).toBe("first");
  const second = dealer({ routingId: "same" });
  second.connect(endpoint);
  await second.send("second");
  await first.send("first again");
  expect(String((await server.receive())[1])).toBe("first again");
});

test("messages that are there are received without a turn of the event loop", async () => {
  const server = router();
  const client = dealer();
  await greeted(server, client);
  for (let i = 0; i < 50; i++) await client.send(String(i));
  let turns = 0;
  const turn = () => {
    turns++;
    immediate = setImmediate(turn);
  };
  let immediate = setImmediate(turn);
  for (let i = 0; i < 50; i++) await server.receive();
  clearImmediate(immediate);
  expect(turns).toBeLessThan(10);
});
