/** Lines on the socket; what is collected for them is bounded, whatever comes. */
import fc from "fast-check";
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
