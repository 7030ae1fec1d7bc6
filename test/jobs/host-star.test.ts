/** The star of a running cluster, with hosts that the test plays: what goes to them, and what becomes of what they say. */
import { HostEntry } from "../../src/cluster/host-entry.ts";
import { HostRoster } from "../../src/cluster/host-roster.ts";
import { HostStar } from "../../src/cluster/host-star.ts";
import type { StarListener } from "../../src/cluster/star.ts";
import { RankLostError } from "../../src/errors.ts";
import { Log } from "../../src/log.ts";
import type { Frames, Lane, ServerTransport } from "../../src/transport/transport.ts";
import { framesOf, messageToHost, type ToDriver, type ToHost } from "../../src/wire/messages.ts";
import { encodeValue } from "../../src/wire/value-codec.ts";
import { jestOf } from "../support/jest-of.ts";

const clock = jestOf(import.meta);
const spec = { launcher: "ssh", name: "", slots: 1 } as unknown as HostEntry["spec"];
const local = { launcher: "local", name: "", slots: 1 } as unknown as HostEntry["spec"];
const scatter: ToHost = {
  kind: "Scatter",
  job: 1,
  rank: 1,
  assignment: 1,
  kernel: { name: "k", module: "m" },
  parts: [0],
  blocks: [],
  cancelGraceMs: 1,
  together: null,
};
const stopped: ToDriver = { kind: "Stopped", job: 1, forced: [], talk: null };

/** Rank 0 with the driver, ranks 1 and 2 with node1 on another machine, rank 3 with node2 on the driver's. */
function star() {
  const sent: { peer: string; lane: Lane; head: ToHost; raws: number }[] = [];
  const server = {
    longestFrame: Number.POSITIVE_INFINITY,
    async send(peer: string, lane: Lane, frames: Frames) {
      const { head, value } = messageToHost(frames);
      sent.push({ peer: peer.split("-")[0]!.replace("host", "node"), lane, head, raws: value?.raws.length ?? 0 });
    },
  } as unknown as ServerTransport;
  const hosts = [
    new HostEntry(0, "driver", [0], undefined, server),
    new HostEntry(1, "node1", [1, 2], spec, server),
    new HostEntry(2, "node2", [3], local, server),
  ] as const;
  const told: [keyof StarListener, ...unknown[]][] = [];
  const listener = new Proxy({} as StarListener, {
    get:
      (_, name: keyof StarListener) =>
      (...given: unknown[]) =>
        void told.push([name, ...given]),
  });
  const lost: [string, string][] = [];
  const heard: string[] = [];
  const made = new HostStar(new HostRoster(hosts), {
    listener: () => listener,
    heard: ({ name }) => heard.push(name),
    lose: ({ name }, why) => lost.push([name, why]),
    log: Log.ofDriver("silent", () => {}),
  });
  const say = (from: HostEntry, head: ToDriver, lane: Lane = "control", value?: object) =>
    made.receive(from.peer, lane, framesOf(head, value && encodeValue(value)));
  return { made, hosts, sent, told, lost, heard, say };
}

describe("what goes to a host", () => {
  test("is announced by control before a first value goes by data; until it has answered, the host must be heard of", () => {
    const { made, hosts, sent, say } = star();
    const [, node] = hosts;
    for (const _ of [1, 2]) made.send(node.peer, scatter, encodeValue([1]));
    expect(sent.map(({ lane, head }) => `${head.kind} by ${lane}`)).toEqual([
      "Attend by control",
      "Scatter by data",
      "Scatter by data",
    ]);
    expect(node.expected).toBe(true);
    say(node, stopped);
    expect(node.expected).toBe(false);
    made.send(node.peer, { kind: "Cancel", job: 1, reason: "", force: false, lost: null });
    expect([sent.at(-1)!.lane, node.expected]).toEqual(["control", true]);
    made.owesNothing(node.peer);
    expect(node.expected).toBe(false);
  });

  test("of the same machine needs no announcement, unless it is much", () => {
    const { made, hosts, sent } = star();
    for (const host of [hosts[0], hosts[2]]) made.send(host.peer, scatter, encodeValue([1]));
    expect(sent.map(({ lane, head }) => `${head.kind} by ${lane}`)).toEqual(["Scatter by data", "Scatter by data"]);
    expect([hosts[0].expected, hosts[2].expected]).toEqual([true, true]);
    made.owesNothing(hosts[2].peer);
    made.send(hosts[2].peer, scatter, encodeValue([new Uint8Array(1 << 20)]));
    expect(sent.slice(2).map(({ head }) => head.kind)).toEqual(["Attend", "Scatter"]);
  });

  test("counts for the job, in bytes, and what is no job's does not; each job counts from nothing", () => {
    const { made, hosts } = star();
    const bytes = made.send(hosts[1].peer, { kind: "Last", job: 1 });
    made.tell(hosts[1], "control", { kind: "Rest" });
    expect(made.traffic().byHost).toEqual({
      node1: { sent: { messages: 1, bytes }, received: { messages: 0, bytes: 0 } },
    });
    made.beginJob();
    expect(made.traffic().byHost).toEqual({});
  });

  test("that is lost goes nowhere", () => {
    const { made, hosts, sent } = star();
    hosts[1].lost = "it ended";
    expect([made.hostOf(0), made.hostOf(1), made.hostOf(3)]).toEqual([hosts[0].peer, undefined, hosts[2].peer]);
    expect(made.liveHosts()).toEqual([hosts[0].peer, hosts[2].peer]);
    made.send("nobody", { kind: "Last", job: 1 });
    expect(sent).toEqual([]);
  });
});

describe("what a host says", () => {
  test("of its own ranks goes to the job, and tells that it lives", () => {
    const { hosts, told, heard, say } = star();
    say(hosts[1], { kind: "Idle", job: 1, assignments: 2 });
    expect(told).toMatchObject([["message", hosts[1].peer, { head: { kind: "Idle", job: 1 } }]]);
    expect(heard).toEqual(["node1"]);
    expect(hosts[1].heardMs).toBeGreaterThan(0);
  });

  test("is dropped when nobody knows its process, or it is lost", () => {
    const { made, hosts, told, heard } = star();
    made.receive("nobody", "control", framesOf(stopped));
    hosts[1].lost = "it ended";
    made.receive(hosts[1].peer, "control", framesOf(stopped));
    expect([told, heard]).toEqual([[], []]);
  });

  const foreign: [string, ToDriver][] = [
    [
      "partials of another's rank",
      { kind: "Partial", job: 1, rank: 3, assignment: 1, parts: [0], last: true, computeMs: 0 },
    ],
    ["of another's rank that it stopped", { ...stopped, forced: [0] }],
    ["that it has sent to a host that there is not", { kind: "Seek", to: 9 }],
    ["that its connection to no host broke", { kind: "Broken", to: 9 }],
  ];
  test.each(foreign)("%s: it is not to be relied on any more", (_, head) => {
    const { hosts, told, lost, say } = star();
    say(hosts[1], head, "data", [1]);
    expect(lost).toEqual([["node1", expect.stringMatching(/^it spoke (for rank \d, which is not its own|of host 9)/)]]);
    expect(told).toEqual([]);
  });

  test("and can't be read: it is not to be relied on any more, and whoever waits for its Hello is told", async () => {
    const { made, hosts, told, lost } = star();
    made.receive(hosts[1].peer, "data", [new Uint8Array([0xc1])]);
    await expect(hosts[1].greeted).rejects.toMatchObject({ code: "MPITS_TRANSPORT" });
    expect(lost).toEqual([["node1", expect.stringContaining("has not the shape of one")]]);
    expect(told).toEqual([]);
  });

  test("and can't be read, from the driver's own: whoever waits for it is told, be it a job or the launch", async () => {
    const { made, hosts, told, lost } = star();
    made.receive(hosts[0].peer, "data", [new Uint8Array([0xc1])]);
    const error = {
      code: "MPITS_TRANSPORT",
      message: expect.stringMatching(/^what the driver's own host \(driver\) said could not be taken: .* shape of one/),
    };
    expect(told).toMatchObject([["hostRefused", hosts[0].peer, error]]);
    expect(lost).toEqual([]);
    await expect(hosts[0].greeted).rejects.toMatchObject(error);
  });

  test("for a rank of a host that it can't reach goes on as it is, while that one lives", () => {
    const { hosts, sent, say } = star();
    const forward: ToDriver = { kind: "Forward", job: 4, to: 2 };
    say(hosts[1], forward, "data", new Uint8Array(10_000));
    expect(sent.at(-1)).toMatchObject({
      peer: "node2",
      lane: "data",
      head: { kind: "Data", job: 4, from: 1 },
      raws: 1,
    });
    const { length } = sent;
    hosts[2].lost = "it ended";
    say(hosts[1], forward, "data", new Uint8Array(10_000));
    say(hosts[1], { ...forward, to: 9 }, "data", new Uint8Array(10_000));
    expect(sent).toHaveLength(length);
  });
});

describe("hosts that go and come back", () => {
  test("a job hears of each lost rank what it did, and ranks count as live again when their host is back", () => {
    const { made, hosts, told, say } = star();
    made.ranks.startJob(1, 0);
    const computing = { rank: 2, job: 1, to: "computing", part: 0, event: "kernel.started", atMs: 1, forced: false };
    say(hosts[1], {
      kind: "Report",
      transitions: [{ ...computing, cause: null } as never],
      progress: [],
      standings: [],
      usage: null,
      talk: null,
    });
    told.length = 0;
    hosts[1].lost = "its process ended";
    made.left(hosts[1], "its process ended");
    const errors = told[0]![2] as RankLostError[];
    expect(told).toEqual([["hostLost", hosts[1].peer, errors]]);
    expect(errors.map(({ message }) => message)).toEqual([
      "rank 1 (node1) was lost while idle: its process ended.",
      "rank 2 (node1) was lost while computing: its process ended.",
    ]);
    expect(errors[1]).toBeInstanceOf(RankLostError);
    expect(made.ranks.liveRanks()).toEqual([0, 3]);
    made.isBack(hosts[1]);
    expect(made.ranks.liveRanks()).toEqual([0, 1, 2, 3]);
    expect(told.at(-1)).toEqual(["hostBack", [1, 2]]);
  });

  test("one that was never there is nobody's loss", () => {
    const { made, hosts, told } = star();
    made.leaveOut(hosts[2], "it did not come up");
    expect(made.ranks.liveRanks()).toEqual([0, 1, 2]);
    expect(told).toEqual([]);
  });
});

describe("a connection between two hosts that breaks", () => {
  beforeEach(() => void clock.useFakeTimers());
  afterEach(() => void clock.useRealTimers());

  test("is told to the job when neither host turns out to be lost", () => {
    const { hosts, told, say } = star();
    say(hosts[1], { kind: "Broken", to: 2 });
    expect(told).toEqual([]);
    clock.runAllTimers();
    expect(told).toMatchObject([["parted", { message: "the connection between node1 and node2 broke." }]]);
  });

  test("is not told before what came while the driver was held up has been read", () => {
    const { hosts, told, say } = star();
    const seenToBeLost = (): void => {
      hosts[2].lost = "it ended";
    };
    setTimeout(() => setImmediate(seenToBeLost), 2000); // in the turn of the event loop in which the time is over
    say(hosts[1], { kind: "Broken", to: 2 });
    clock.runAllTimers();
    expect(told).toEqual([]);
  });

  test("is no news of its own when one of them is lost, and none when the cluster closes", () => {
    const { made, hosts, told, say } = star();
    say(hosts[1], { kind: "Broken", to: 2 });
    hosts[2].lost = "it ended";
    clock.runAllTimers();
    say(hosts[1], { kind: "Broken", to: 0 });
    made.close();
    expect(clock.getTimerCount()).toBe(0);
    expect(told).toEqual([]);
  });
});
