/** Who dials whom, played: what the driver tells its hosts, and when. */
import { type DirectoryHost, PeerDirectory } from "../../src/cluster/peer-directory.ts";
import { Log } from "../../src/log.ts";

/** Hosts 0 (the driver's own) and 1 to 3; those of which `outside` is told are on other machines. */
function directory(outside: readonly number[] = [1, 2, 3]) {
  const told: [number, string, number][] = [];
  const tickets: string[] = [];
  const endpoints: string[][] = [];
  const lines: string[] = [];
  const log = Log.ofDriver("warn", (line) => lines.push(line));
  const hosts: DirectoryHost[] = [0, 1, 2, 3].map((index) => ({
    name: `node${index}`,
    inside: !outside.includes(index),
  }));
  const played = new PeerDirectory({
    host: (index) => hosts[index]!,
    tell: (host, head) => {
      told.push([host, head.kind, head.host]);
      if ("ticket" in head) tickets.push(head.ticket);
      if ("endpoints" in head) endpoints.push(head.endpoints);
    },
    log,
  });
  return { played, told, tickets, endpoints, lines };
}

test("the one with the higher number dials, whoever has something to say, under a ticket that the other expects", () => {
  for (const [by, to] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const { played, told, tickets, endpoints } = directory();
    for (const host of [1, 2]) played.opened(host, [`tcp://node${host}:1`]);
    played.sought(by, to);
    expect(told).toEqual([
      [1, "Expect", 2],
      [2, "Dial", 1],
    ]);
    expect(tickets[0]).toBe(tickets[1]);
    expect(endpoints).toEqual([["tcp://node1:1"]]);
  }
});

test("nobody dials before the other's door is open, and a pair dials once", () => {
  const { played, told } = directory();
  played.sought(2, 1);
  played.opened(2, ["tcp://node2:1"]);
  expect(told).toEqual([]);
  played.opened(1, ["tcp://node1:1"]);
  played.sought(1, 2);
  played.sought(2, 1);
  expect(told).toHaveLength(2);
});

test("sockets of the driver's machine are for its own hosts only, who use nothing else", () => {
  const { played, endpoints } = directory([3]);
  for (const host of [0, 1, 3]) played.opened(host, [`ipc://host${host}`, `tcp://node${host}:1`]);
  played.sought(1, 0);
  played.sought(3, 1);
  expect(endpoints).toEqual([["ipc://host0"], ["tcp://node1:1"]]);
});

test("when one can't dial the other tries, and then rank 0 forwards and says so", () => {
  const { played, told, lines } = directory();
  for (const host of [1, 2]) played.opened(host, [`tcp://node${host}:1`]);
  played.sought(1, 2);
  played.unreachable(2, 1, "ECONNREFUSED");
  expect(told.slice(2)).toEqual([
    [2, "Expect", 1],
    [1, "Dial", 2],
  ]);
  played.unreachable(2, 1, "told twice"); // not its turn
  expect(told).toHaveLength(4);
  played.unreachable(1, 2, "no answer");
  expect(told.slice(4)).toEqual([
    [1, "Relay", 2],
    [2, "Relay", 1],
  ]);
  expect(lines.join("")).toContain("node1 and node2 can't reach each other");
  expect(lines.join("")).toContain("ECONNREFUSED");
  expect(lines.join("")).toContain("no answer");
});

test("the driver's own host does not dial, and one without an address is not dialled", () => {
  const { played, told } = directory();
  played.opened(0, []);
  played.opened(1, ["tcp://node1:1"]);
  played.sought(0, 1);
  expect(told).toEqual([
    [0, "Relay", 1],
    [1, "Relay", 0],
  ]);
});

test("a host that is lost is forgotten, and dialled anew when it is back", () => {
  const { played, told } = directory();
  for (const host of [1, 2, 3]) played.opened(host, [`tcp://node${host}:1`]);
  played.sought(1, 2);
  played.gone(2, [1, 3]);
  expect(told.slice(2)).toEqual([
    [1, "Gone", 2],
    [3, "Gone", 2],
  ]);
  played.opened(2, ["tcp://node2:2"]);
  played.sought(1, 2);
  expect(told.slice(4)).toEqual([
    [1, "Expect", 2],
    [2, "Dial", 1],
  ]);
});

test("two hosts whose connection broke make a new one when they need it", () => {
  const { played, told } = directory();
  for (const host of [1, 2]) played.opened(host, [`tcp://node${host}:1`]);
  played.sought(1, 2);
  played.parted(2, 1);
  expect(told.slice(2)).toEqual([
    [2, "Gone", 1],
    [1, "Gone", 2],
  ]);
  played.sought(2, 1);
  expect(told).toHaveLength(6);
});
