/** Who is in the cluster, also while hosts go and come back. */
import { HostEntry } from "../../src/cluster/host-entry.ts";
import { HostRoster } from "../../src/cluster/host-roster.ts";
import type { ServerTransport } from "../../src/transport/transport.ts";

function roster() {
  const server = {} as ServerTransport;
  const hosts = [
    new HostEntry(0, "driver", [0], undefined, server),
    new HostEntry(1, "node1", [1, 2], undefined, server),
    new HostEntry(2, "node2", [3], undefined, server),
  ] as const;
  return { hosts, made: new HostRoster(hosts) };
}

test("a host is found by its number, its ranks and the name of its process", () => {
  const { hosts, made } = roster();
  expect(made.namesByRank).toEqual(["driver", "node1", "node1", "node2"]);
  expect(made.own).toBe(hosts[0]);
  expect([0, 1, 2, 3, 4, -1].map((rank) => made.ofRank(rank)?.name)).toEqual([
    "driver",
    "node1",
    "node1",
    "node2",
    undefined,
    undefined,
  ]);
  for (const entry of hosts) expect([made.at(entry.index), made.ofPeer(entry.peer)]).toEqual([entry, entry]);
  expect([made.at(3), made.ofPeer("nobody")]).toEqual([undefined, undefined]);
});

test("the next process of a lost host is known at once, its last one no more, and takes the place when it is up", () => {
  const { hosts, made } = roster();
  const lost = hosts[1];
  lost.lost = "it ended";
  const next = made.succeed(lost);
  expect([next.name, next.index, next.ranks]).toEqual(["node1", 1, [1, 2]]);
  expect([made.ofPeer(lost.peer), made.ofPeer(next.peer)]).toEqual([undefined, next]);
  expect(made.reachable).toEqual([hosts[0], hosts[2], next]);
  expect([made.holdsItsPlace(lost), made.holdsItsPlace(next)]).toEqual([true, false]);
  expect([made.at(1), made.ofRank(2)]).toEqual([lost, lost]);
  expect(made.alive).toEqual([hosts[0], hosts[2]]);
  made.place(next);
  expect([made.holdsItsPlace(lost), made.holdsItsPlace(next)]).toEqual([false, true]);
  expect([made.at(1), made.ofRank(2)]).toEqual([next, next]);
  expect(made.alive).toEqual([hosts[0], next, hosts[2]]);
});

test("a process that did not come up is nobody's, and the lost one keeps the place", () => {
  const { hosts, made } = roster();
  hosts[2].lost = "it ended";
  const next = made.succeed(hosts[2]);
  made.drop(next);
  expect(made.ofPeer(next.peer)).toBeUndefined();
  expect(made.reachable).toEqual([hosts[0], hosts[1]]);
  expect(made.at(2)).toBe(hosts[2]);
  const again = made.succeed(hosts[2]);
  expect(made.ofPeer(again.peer)).toBe(again);
});
