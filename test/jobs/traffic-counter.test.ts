/** Messages and bytes, in all and by host. */
import { TrafficCounter } from "../../src/cluster/traffic-counter.ts";

test("counts each direction by host and in all", () => {
  const counter = new TrafficCounter();
  counter.count("a", "sent", 10);
  counter.count("a", "sent", 5);
  counter.count("a", "received", 1);
  counter.count("b", "sent", 0);
  counter.crossed({ from: "a", to: "b", messages: 1, bytes: 7, direct: true });
  expect(counter.snapshot()).toEqual({
    sent: { messages: 3, bytes: 15 },
    received: { messages: 1, bytes: 1 },
    byHost: {
      a: { sent: { messages: 2, bytes: 15 }, received: { messages: 1, bytes: 1 } },
      b: { sent: { messages: 1, bytes: 0 }, received: { messages: 0, bytes: 0 } },
    },
    between: [{ from: "a", to: "b", messages: 1, bytes: 7, direct: true }],
  });
});

test("a snapshot stays as it was, and a new job counts from nothing", () => {
  const counter = new TrafficCounter();
  counter.count("a", "sent", 10);
  const before = counter.snapshot();
  counter.count("a", "sent", 10);
  counter.crossed({ from: "a", to: "b", messages: 1, bytes: 7, direct: true });
  expect(before.byHost.a!.sent).toEqual({ messages: 1, bytes: 10 });
  expect(before.between).toEqual([]);
  counter.reset();
  expect(counter.snapshot()).toEqual({
    sent: { messages: 0, bytes: 0 },
    received: { messages: 0, bytes: 0 },
    byHost: {},
    between: [],
  });
});

test("a host may have any name", () => {
  const counter = new TrafficCounter();
  counter.count("__proto__", "received", 3);
  expect(Object.keys(counter.snapshot().byHost)).toEqual(["__proto__"]);
  expect(counter.snapshot().received.bytes).toBe(3);
});
