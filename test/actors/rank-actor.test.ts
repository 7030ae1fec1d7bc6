/** A rank with its machine and a compute thread that the test plays: whatever comes in whatever order, it is not stranded. */
import type { OutgoingPartial } from "../../src/actors/rank-actor.ts";
import type { StateReport } from "../../src/actors/rank-machine.ts";
import type { ThreadListener } from "../../src/host/compute-thread.ts";
import type { Request, Response } from "../../src/thread/thread-protocol.ts";
import type { ErrorRecord } from "../../src/wire/error-codec.ts";
import { jestOf } from "../support/jest-of.ts";

let listener: ThreadListener;
let requests: Request[] = [];
let terminations: (() => void)[] = [];

class PlayedThread {
  constructor(_options: unknown, told: ThreadListener) {
    listener = told;
  }
  start(): void {}
  send(request: Request): void {
    requests.push(request);
  }
  terminate(): Promise<void> {
    return new Promise((resolve) => terminations.push(resolve));
  }
}

const mocks = jestOf(import.meta);
mocks.unstable_mockModule("../../src/host/compute-thread.ts", () => ({ ComputeThread: PlayedThread }));
const { RankActor } = await import("../../src/actors/rank-actor.ts");

const turn = () => new Promise(setImmediate);
const values = { head: new Uint8Array(1), raws: [] };
const error: ErrorRecord = { name: "Error", message: "boom" };

beforeEach(() => {
  requests = [];
  terminations = [];
});

let made: Rank[] = [];
afterEach(() => {
  for (const rank of made) void rank.close(); // the played thread never ends, but the grace's timer does
  made = [];
});

function makeRank() {
  const states: string[] = [];
  const partials: OutgoingPartial[] = [];
  const failures: unknown[] = [];
  const events: string[] = [];
  const rank = new RankActor(
    { rank: 1, size: 2, host: "here", threads: 1, rankMemoryMb: undefined, nice: 0 },
    {
      reportState: (_, { to, forced }: StateReport) => states.push(forced ? `${to} (forced)` : to),
      sendPartial: (partial) => partials.push(partial),
      sendFailure: (failure) => failures.push(failure),
      becameIdle: () => events.push("idle"),
      threadEnded: () => events.push("thread ended"),
      printed: () => {},
      stands: () => {},
      windowChanged: () => {},
    },
  );
  made.push(rank);
  return { rank, states, partials, failures, events };
}

type Rank = InstanceType<typeof RankActor>;

function receive(rank: Rank, job: number, assignment = 1, parts: number[] = [4, 5], cancelGraceMs = 60_000): void {
  const kernel = { name: "k", module: "m" };
  const request = () => ({ kind: "Request", ask: "compute", job, kernel, parts: values, blocks: [] }) as const;
  rank.receive({ job, assignment, parts, cancelGraceMs, request });
}

function respond(response: Record<string, unknown>): void {
  listener.responded({ kind: "Response", ...response } as Response);
}

const partials = (job: number, first: number, count: number, last: boolean) =>
  respond({ job, what: "partials", values, first, count, last, computeMs: 1 });

test("parts are computed, their partials sent under their own numbers, and the rank is idle again", async () => {
  const { rank, states, partials: sent, events } = makeRank();
  receive(rank, 1);
  respond({ job: 1, what: "started" });
  partials(1, 0, 1, false);
  partials(1, 1, 1, true);
  await turn();
  expect(sent.map(({ parts, last }) => ({ parts, last }))).toEqual([
    { parts: [4], last: false },
    { parts: [5], last: true },
  ]);
  expect(states).toEqual(["scattering", "computing", "reducing", "idle"]);
  expect(events).toEqual(["idle"]);
  expect(rank.isDoneWith(1)).toBe(true);
});

test("a rank that has handed its partial over goes on with the next", async () => {
  const { rank, states } = makeRank();
  receive(rank, 1);
  receive(rank, 1, 2, [6]);
  respond({ job: 1, what: "started" });
  partials(1, 0, 1, false);
  partials(1, 1, 1, true);
  await turn();
  expect(states.at(-1)).toBe("scattering");
  expect(requests.length).toBe(2);
});

test("the request is made when the thread takes it, not when the parts arrive", () => {
  const { rank } = makeRank();
  receive(rank, 1, 1);
  receive(rank, 1, 2);
  expect(requests.length).toBe(1);
});

describe("what became of the kernel when the cancel came", () => {
  const ends: [string, () => void][] = [
    ["it stopped", () => respond({ job: 1, what: "stopped" })],
    ["it had just finished", () => partials(1, 0, 2, true)],
    ["it had just failed", () => respond({ job: 1, what: "failed", part: 0, error })],
    ["its module did not load", () => respond({ job: 1, what: "failed", part: null, error })],
    ["its thread died", () => listener.died(error)],
  ];

  test.each(ends)("%s: the rank is idle at once, nothing is sent, no thread is ended by force", async (_, end) => {
    const { rank, states, partials: sent, failures } = makeRank();
    receive(rank, 1);
    respond({ job: 1, what: "started" });
    rank.cancel(1, "enough", false);
    end();
    await turn();
    expect(states).toEqual(["scattering", "computing", "cancelled", "idle"]);
    expect([sent, failures, terminations]).toEqual([[], [], []]);
    expect(rank.isDoneWith(1)).toBe(true);
    receive(rank, 2);
    respond({ job: 2, what: "started" });
    expect(states.at(-1)).toBe("computing");
  });

  test("it had not started yet: the rank waits for its answer", async () => {
    const { rank, states } = makeRank();
    receive(rank, 1);
    rank.cancel(1, "enough", false);
    respond({ job: 1, what: "started" });
    await turn();
    expect(rank.isDoneWith(1)).toBe(false);
    respond({ job: 1, what: "stopped" });
    await turn();
    expect(states).toEqual(["scattering", "cancelled", "idle"]);
  });

  test("its partials were leaving: the rank is idle at once and takes no notice when they have left", async () => {
    const { rank, states } = makeRank();
    receive(rank, 1);
    respond({ job: 1, what: "started" });
    partials(1, 0, 2, true);
    rank.cancel(1, "enough", false);
    await turn();
    expect(states).toEqual(["scattering", "computing", "reducing", "cancelled", "idle"]);
    receive(rank, 2);
    await turn();
    expect(states.at(-1)).toBe("scattering");
  });

  test("partials that come between cancel and stop are not sent", async () => {
    const { rank, partials: sent } = makeRank();
    receive(rank, 1);
    respond({ job: 1, what: "started" });
    rank.cancel(1, "enough", false);
    partials(1, 0, 1, false);
    expect(sent).toEqual([]);
  });
});

describe("by force", () => {
  test("the thread is ended at once, and the rank is idle when it is gone", async () => {
    const { rank, states, events } = makeRank();
    receive(rank, 1);
    respond({ job: 1, what: "started" });
    rank.cancel(1, "enough", true);
    expect(terminations.length).toBe(1);
    expect(rank.isDoneWith(1)).toBe(false);
    respond({ job: 1, what: "stopped" }); // said before it was ended: too late to matter
    expect(rank.isDoneWith(1)).toBe(false);
    terminations[0]!();
    await turn();
    expect(states).toEqual(["scattering", "computing", "cancelled", "idle (forced)"]);
    expect(events).toEqual(["thread ended", "idle"]);
  });

  test("a kernel that does not stop within a grace of 0 ms loses its thread", async () => {
    const { rank, states } = makeRank();
    receive(rank, 1, 1, [4], 0);
    respond({ job: 1, what: "started" });
    rank.cancel(1, "enough", false);
    while (terminations.length === 0) await turn();
    terminations[0]!();
    await turn();
    expect(states.at(-1)).toBe("idle (forced)");
  });
});

test("a thread that dies while it computes fails the first part it had", async () => {
  const { rank, failures, events, states } = makeRank();
  receive(rank, 1, 3, [7, 8]);
  respond({ job: 1, what: "started" });
  listener.died(error);
  await turn();
  expect(failures).toEqual([{ job: 1, rank: 1, assignment: 3, part: 7, error }]);
  expect(events).toEqual(["thread ended", "idle"]);
  expect(states).toEqual(["scattering", "computing", "reducing", "idle"]);
});

test("a thread that dies with nothing to do is no failure", () => {
  const { failures, states } = makeRank();
  listener.died(error);
  expect([failures, states]).toEqual([[], []]);
});

test("a kernel's failure names the part by its own number", async () => {
  const { rank, failures } = makeRank();
  receive(rank, 1, 1, [40, 41, 42]);
  respond({ job: 1, what: "started" });
  respond({ job: 1, what: "failed", part: 2, error });
  await turn();
  expect(failures).toEqual([{ job: 1, rank: 1, assignment: 1, part: 42, error }]);
});

test("answers of a job that is not running are not heard", () => {
  const { rank, states, partials: sent } = makeRank();
  respond({ job: 1, what: "started" });
  receive(rank, 2);
  respond({ job: 1, what: "started" });
  partials(1, 0, 1, true);
  expect([states, sent]).toEqual([["scattering"], []]);
});

test("parts of a cancelled job are dropped, and its end leaves nothing of them", () => {
  const { rank } = makeRank();
  rank.cancel(1, "enough", false);
  receive(rank, 1);
  expect(requests).toEqual([]);
  expect(rank.isDoneWith(1)).toBe(true);
  rank.forget(1, true);
  expect(requests).toEqual([{ kind: "Request", ask: "forget" }]);
});
