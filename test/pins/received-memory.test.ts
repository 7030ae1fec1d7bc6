/** What releasing a frame relies on: ZeroMQ's frames can be emptied, and others stay as they are. */
import { Pair } from "zeromq";
import { releaseFrame } from "../../src/received-memory.ts";
import { ownContext } from "../../src/transport/context.ts";

test("a large frame that was received is empty once it is released, and its memory free", async () => {
  const [a, b] = [1, 2].map(() => new Pair({ context: ownContext, linger: 0 })) as [Pair, Pair];
  a.bindSync("inproc://released");
  b.connect("inproc://released");
  await b.send([Buffer.alloc(1 << 20, 7), Buffer.alloc(100, 7)]);
  const [large, small] = await a.receive();
  const before = process.memoryUsage().external;
  for (const frame of [large!, small!]) releaseFrame(frame);
  await new Promise(setImmediate);
  expect(large!.byteLength).toBe(0);
  expect(before - process.memoryUsage().external).toBeGreaterThan(1_000_000);
  expect(small!.every((byte) => byte === 7)).toBe(true);
  for (const socket of [a, b]) socket.close();
});

test("what lies in memory with other things, or is shared, is not released", () => {
  const part = new Uint8Array(1 << 21).subarray(0, 1 << 20);
  const shared = new Uint8Array(new SharedArrayBuffer(1 << 20));
  for (const bytes of [part, shared]) {
    releaseFrame(bytes);
    expect(bytes.byteLength).toBe(1 << 20);
  }
});
