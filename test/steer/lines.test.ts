/** Lines on the socket, and what is collected for them: bounded, whatever comes. */
import fc from "fast-check";
import { OutputLog, readRankPrefix } from "../../src/cluster/output-log.ts";
import { Batch } from "../../src/steer/batch.ts";
import { LineReader } from "../../src/steer/lines.ts";
import { parseRequest } from "../../src/steer/requests.ts";

test("lines come out as they went in, however they are cut on the way", () => {
  const words = fc.array(fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\n")));
  fc.assert(
    fc.property(words, fc.array(fc.nat(20)), (lines, cuts) => {
      const seen: string[] = [];
      const reader = new LineReader(
        1e6,
        (line) => seen.push(line),
        () => seen.push("too long"),
      );
      let rest = lines.map((line) => `${line}\n`).join("");
      for (const cut of cuts) {
        reader.push(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
      reader.push(rest);
      expect(seen).toEqual(lines);
    }),
  );
});

test("a line that is too long ends it, once", () => {
  const seen: string[] = [];
  const reader = new LineReader(
    5,
    (line) => seen.push(line),
    () => seen.push("(too long)"),
  );
  for (const text of ["12345\n123", "456", "78\nabc\n"]) reader.push(text);
  expect(seen).toEqual(["12345", "(too long)"]);
});

test.each([
  "",
  "null",
  "{",
  "[]",
  '{"ask":"state"}',
  '{"id":-1,"ask":"state"}',
  '{"id":1,"ask":"nothing"}',
  '{"id":1,"ask":"cancel","cluster":1,"job":"a#1"}',
  '{"id":1,"ask":"cancel","cluster":1,"job":"a#1","reason":"x","graceMs":-1}',
  '{"id":1,"ask":"send","cluster":1,"job":"a#1","event":"x","data":[1]}',
])("%s is no request", (line) => {
  expect(parseRequest(line)).toBeUndefined();
});

test("a batch holds no more than its most, and says how many it missed", () => {
  const told: unknown[] = [];
  const batch = new Batch<number>(2, 1000, (items, missed) => told.push([items, missed]));
  for (const item of [1, 2, 3, 4]) batch.push(item);
  batch.flush();
  batch.flush();
  batch.push(5);
  batch.flush();
  expect(told).toEqual([
    [[1, 2], 2],
    [[5], 0],
  ]);
});

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
