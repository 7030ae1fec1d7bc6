/** Messages and bytes, in all and by host. */

import { TrafficCounter } from "../../src/cluster/traffic-counter.ts";
import { TransportError } from "../../src/errors.ts";

const talk = {
  pairs: [0, 1, 2, 5],
  least: { ranks: 5, hosts: 4 },
  crossed: [{ to: 1, messages: 1, bytes: 7, relayed: false }],
};

test("counts each direction by host and in all", () => {
  const counter = new TrafficCounter(2);
  counter.count("a", "sent", 10);
  counter.count("a", "sent", 5);
  counter.count("a", "received", 1);
  counter.count("b", "sent", 0);
  counter.talked({ name: "a", ranks: [0] }, talk, () => "b");
  expect(counter.snapshot()).toEqual({
    sent: { messages: 3, bytes: 15 },
    received: { messages: 1, bytes: 1 },
    byHost: {
      a: { sent: { messages: 2, bytes: 15 }, received: { messages: 1, bytes: 1 } },
      b: { sent: { messages: 1, bytes: 0 }, received: { messages: 0, bytes: 0 } },
    },
    between: [{ from: "a", to: "b", messages: 1, bytes: 7, direct: true }],
    betweenRanks: [{ from: 0, to: 1, messages: 2, bytes: 5 }],
    least: { ranks: 5, hosts: 4 },
  });
});

test("a snapshot stays as it was, and a new job counts from nothing", () => {
  const counter = new TrafficCounter(2);
  counter.count("a", "sent", 10);
  const before = counter.snapshot();
  counter.count("a", "sent", 10);
  counter.talked({ name: "a", ranks: [0] }, talk, () => "b");
  expect(before.byHost.a!.sent).toEqual({ messages: 1, bytes: 10 });
  expect(before.between).toEqual([]);
  counter.reset();
  expect(counter.snapshot()).toEqual({
    sent: { messages: 0, bytes: 0 },
    received: { messages: 0, bytes: 0 },
    byHost: {},
    between: [],
    betweenRanks: [],
    least: { ranks: 0, hosts: 0 },
  });
});

test("a host may have any name", () => {
  const counter = new TrafficCounter(2);
  counter.count("__proto__", "received", 3);
  expect(Object.keys(counter.snapshot().byHost)).toEqual(["__proto__"]);
  expect(counter.snapshot().received.bytes).toBe(3);
});

test("of what hosts tell of their ranks' messages the last word counts, each for its own ranks", () => {
  const counter = new TrafficCounter(3);
  const nothing = { least: { ranks: 0, hosts: 0 }, crossed: [] };
  const names = (host: number) => ["a", "b"][host]!;
  counter.talked({ name: "a", ranks: [0, 1] }, { ...nothing, pairs: [0, 2, 1, 10, 1, 0, 1, 3] }, names);
  counter.talked(
    { name: "a", ranks: [0, 1] },
    { ...nothing, pairs: [0, 2, 4, 40], least: { ranks: 6, hosts: 2 } },
    names,
  );
  counter.talked({ name: "b", ranks: [2] }, { ...nothing, pairs: [2, 0, 1, 1], least: { ranks: 1, hosts: 1 } }, names);
  const { betweenRanks, least } = counter.snapshot();
  expect(betweenRanks).toEqual([
    { from: 0, to: 2, messages: 4, bytes: 40 },
    { from: 1, to: 0, messages: 1, bytes: 3 },
    { from: 2, to: 0, messages: 1, bytes: 1 },
  ]);
  expect(least).toEqual({ ranks: 7, hosts: 3 });
});

test.each([
  [[2, 0, 1, 1], "rank 2 to rank 0"],
  [[0, 3, 1, 1], "rank 0 to rank 3"],
])("a host that speaks of messages that are not its ranks' is refused (%j)", (pairs, words) => {
  const told = { pairs, least: { ranks: 0, hosts: 0 }, crossed: [] };
  const tell = () => new TrafficCounter(3).talked({ name: "a", ranks: [0, 1] }, told, () => "b");
  expect(tell).toThrow(TransportError);
  expect(tell).toThrow(words);
});

test("who looks often gets the same list of pairs until something is told", () => {
  const counter = new TrafficCounter(2);
  counter.talked({ name: "a", ranks: [0] }, talk, () => "b");
  const { betweenRanks } = counter.snapshot();
  counter.count("a", "sent", 1);
  expect(counter.snapshot().betweenRanks).toBe(betweenRanks);
});
