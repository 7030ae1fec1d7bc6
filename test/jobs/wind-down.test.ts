/** The end of a job on all hosts. */
import { HostTally } from "../../src/cluster/host-tally.ts";
import { WindDown } from "../../src/cluster/wind-down.ts";
import { PlayedStar } from "./played-star.ts";

function winding(hosts: Record<string, number>, cancel?: { reason: string; force: boolean }, tally?: HostTally) {
  const star = new PlayedStar(hosts);
  for (const host of Object.keys(hosts)) star.slowToStop.add(host);
  const windDown = new WindDown(star, 4, cancel, tally);
  let finished = false;
  void windDown.finished.then(() => {
    finished = true;
  });
  return { star, windDown, finished: () => Promise.resolve().then(() => finished) };
}

test("every host is told to finish, or why it is cancelled", () => {
  expect(winding({ a: 1, b: 2 }).star.sent).toEqual([
    { host: "a", head: { kind: "Finish", job: 4 } },
    { host: "b", head: { kind: "Finish", job: 4 } },
  ]);
  expect(winding({ a: 1 }, { reason: "enough", force: false }).star.sent).toEqual([
    { host: "a", head: { kind: "Cancel", job: 4, reason: "enough", force: false, lost: null } },
  ]);
});

test("it has finished when every host has confirmed or is gone, in any order, be it said twice", async () => {
  const { windDown, finished } = winding({ a: 1, b: 1, c: 1 });
  windDown.stopped("c", []);
  windDown.stopped("c", []);
  windDown.hostGone("a");
  expect(await finished()).toBe(false);
  windDown.stopped("b", []);
  expect(await finished()).toBe(true);
  windDown.hostGone("b");
});

test("a host whose last partials are here before it is idle may forget the job only then: it would not say so any more", async () => {
  const tally = new HostTally();
  tally.given("a", true);
  tally.close("a");
  const { star, windDown, finished } = winding({ a: 1 }, undefined, tally);
  expect(star.sent).toEqual([]);
  tally.returned("a");
  tally.saidIdle("a", 1);
  for (let i = 0; i < 2; i++) windDown.saidIdle("a");
  expect(star.sent).toEqual([{ host: "a", head: { kind: "Forget", job: 4 } }]);
  expect(await finished()).toBe(true);
});

test("without a live host there is nothing to wait for", async () => {
  const star = new PlayedStar({ a: 1 });
  star.lose("a");
  await new WindDown(star, 4, undefined).finished;
  expect(star.sent).toEqual([]);
});

test("force goes to those that have not confirmed yet", () => {
  const { star, windDown } = winding({ a: 1, b: 1 }, { reason: "enough", force: false });
  windDown.stopped("a", []);
  windDown.force("now");
  expect(star.sent.slice(2)).toEqual([
    { host: "b", head: { kind: "Cancel", job: 4, reason: "now", force: true, lost: null } },
  ]);
});

test("ranks that were ended by force are collected from all hosts", () => {
  const { windDown } = winding({ a: 2, b: 2 });
  windDown.stopped("b", [3]);
  windDown.stopped("a", [0, 1]);
  expect(windDown.forcedRanks).toEqual([0, 1, 3]);
});
