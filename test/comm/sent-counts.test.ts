/** What ranks have sent, as their host reads it. */
import { createFabric } from "../../src/comm/device/fabric.ts";
import { SentCounts, SentTable } from "../../src/comm/device/sent-counts.ts";

/** Ranks 0 and 1 of a job of three on two hosts, with the servers of windows behind, and this host's own among them. */
const map = () => createFabric(5, [0, 1, 3], [0, 0, 1, 0, 1], 2);

test("each pair of ranks that has sent is told once, and again when it has sent more, with all it has sent", () => {
  const shared = map();
  const table = new SentTable(shared);
  const [zero, one] = [new SentCounts(shared, 0), new SentCounts(shared, 1)];
  zero.sent(1, 10, true);
  zero.sent(2, 5, false);
  one.sent(2, 0, true);
  expect(table.news()).toEqual([0, 1, 1, 10, 0, 2, 1, 5, 1, 2, 1, 0]);
  expect(table.news()).toEqual([]);
  zero.sent(2, 7, false);
  expect(table.news()).toEqual([0, 2, 2, 12]);
});

test("a user's own message is needed; what a collective sends is not, but for its rank's share", () => {
  const shared = map();
  const [zero, one] = [new SentCounts(shared, 0), new SentCounts(shared, 1)];
  zero.sent(1, 10, true);
  zero.sent(2, 5, true);
  one.sent(2, 100, false);
  one.needs({ ranks: 30, hosts: 20 });
  expect(new SentTable(shared).least()).toEqual({ ranks: 45, hosts: 25 });
});

test("what goes to a window of another host, and comes back from ours, is no message of ranks, and has to cross", () => {
  const shared = map();
  const table = new SentTable(shared);
  new SentCounts(shared, 0).sent(4, 8, false);
  new SentCounts(shared, 3).sent(2, 16, false);
  expect(table.news()).toEqual([]);
  expect(table.least()).toEqual({ ranks: 0, hosts: 24 });
});
