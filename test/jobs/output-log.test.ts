/** The last lines that ranks wrote: bounded, whatever comes. */
import { OutputLog, readRankPrefix } from "../../src/cluster/output-log.ts";

test("kept lines are bounded in number and in size, the last ones stay, and followers see all", () => {
  const log = new OutputLog();
  let followed = 0;
  const unfollow = log.follow(() => followed++);
  const line = (text: string) => log.push({ timeMs: 0, job: "a#1", rank: 0, host: "desk", stream: "stdout", text });
  for (let i = 0; i < 25_000; i++) line(String(i));
  expect(log.lines().map(({ text }) => text)).toEqual(Array.from({ length: 10_000 }, (_, i) => String(15_000 + i)));
  unfollow();
  for (let i = 0; i < 1000; i++) line("x".repeat(10_000));
  expect(log.lines().length).toBeLessThanOrEqual(500);
  expect(log.lines().at(-1)!.text).toHaveLength(8001);
  expect(followed).toBe(25_000);
});

test("a rank's mark is taken off its line only where that rank lives", () => {
  expect(readRankPrefix("[3] [2] hi", [2, 3])).toEqual({ rank: 3, text: "[2] hi" });
  expect(readRankPrefix("[3] hi", [2])).toEqual({ rank: undefined, text: "[3] hi" });
  expect(readRankPrefix("[x] hi", [2])).toEqual({ rank: undefined, text: "[x] hi" });
});
