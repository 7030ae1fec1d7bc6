/** Lines stay whole, however the text comes. */
import fc from "fast-check";
import { LineWriter } from "../../src/host/line-writer.ts";

function written(pieces: readonly string[], flush = true): string[] {
  const lines: string[] = [];
  const writer = new LineWriter((line) => lines.push(line));
  for (const piece of pieces) writer.push(piece);
  if (flush) writer.flush();
  return lines;
}

test("a line is written when its end has come, and not before", () => {
  expect(written(["a", "b"], false)).toEqual([]);
  expect(written(["a", "b\nc"], false)).toEqual(["ab\n"]);
  expect(written(["a\n\nb\n"], false)).toEqual(["a\n", "\n", "b\n"]);
});

test("flush writes what has no line end yet, once", () => {
  const lines: string[] = [];
  const writer = new LineWriter((line) => lines.push(line));
  writer.push("half");
  writer.flush();
  writer.flush();
  expect(lines).toEqual(["half\n"]);
});

test("however a text is cut, the same lines are written", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "ä", "🙂"), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(text), (pieces) => {
      const whole = pieces.join("");
      const lines = written(pieces);
      expect(lines).toEqual(written([whole]));
      expect(lines.every((line) => /^[^\n]*\n$/.test(line))).toBe(true);
      expect(lines.join("")).toBe(whole === "" || whole.endsWith("\n") ? whole : `${whole}\n`);
    }),
  );
});
