/** The words that a compute thread and its host process share. */
import fc from "fast-check";
import { RankMemory } from "../../src/thread/rank-memory.ts";

/** As the other side sees it: another view of the same memory. */
function bothSides(): { host: RankMemory; thread: RankMemory } {
  const host = new RankMemory();
  return { host, thread: new RankMemory(host.buffer) };
}

describe("cancel", () => {
  test("reaches this job and all before it, and none after it", () => {
    const { host, thread } = bothSides();
    expect(thread.isCancelled(1)).toBe(false);
    host.cancelUpTo(5);
    expect([4, 5, 6].map((job) => thread.isCancelled(job))).toEqual([true, true, false]);
  });

  test("a late cancel of an earlier job means nothing: what was cancelled stays cancelled", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (jobs) => {
        const { host, thread } = bothSides();
        for (const job of jobs) host.cancelUpTo(job);
        const last = Math.max(0, ...jobs);
        for (let job = 1; job <= 21; job++) expect(thread.isCancelled(job)).toBe(job <= last);
      }),
    );
  });
});

describe("progress", () => {
  test("starts at nothing", () => {
    expect(new RankMemory().progress()).toEqual({ done: 0, total: 0 });
  });

  test("what closed parts have done counts to what the next one does", () => {
    const { host, thread } = bothSides();
    thread.setProgress(3, 10);
    expect(host.progress()).toEqual({ done: 3, total: 10 });
    thread.setProgress(10, 10);
    thread.closePart();
    expect(host.progress()).toEqual({ done: 10, total: 0 });
    thread.setProgress(2, 8);
    expect(host.progress()).toEqual({ done: 12, total: 18 });
  });

  test("a part that names no total names none", () => {
    const { host, thread } = bothSides();
    thread.setProgress(5, 4);
    thread.closePart();
    thread.setProgress(1, 0);
    expect(host.progress()).toEqual({ done: 6, total: 0 });
  });

  test.each([Number.NaN, Infinity, -Infinity])("%p is no number of anything: no message could carry it", (odd) => {
    const { host, thread } = bothSides();
    thread.setProgress(5, odd);
    expect(host.progress()).toEqual({ done: 5, total: 0 });
    thread.setProgress(odd, 4);
    expect(host.progress()).toEqual({ done: 0, total: 4 });
    thread.closePart();
    thread.setProgress(1, 2);
    expect(host.progress()).toEqual({ done: 1, total: 2 });
  });

  test("of an earlier job is forgotten, its cancel is not", () => {
    const { host, thread } = bothSides();
    host.cancelUpTo(3);
    thread.setProgress(5, 9);
    thread.closePart();
    thread.resetProgress();
    expect(host.progress()).toEqual({ done: 0, total: 0 });
    expect(thread.isCancelled(3)).toBe(true);
  });
});
