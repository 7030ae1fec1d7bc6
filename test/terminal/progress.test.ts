/** The progress line: what it says, how it fits, and what a terminal shows of it. */
import fc from "fast-check";
import { formatBytes, formatCount, formatDuration } from "../../src/terminal/format.ts";
import { formatProgress, type Progress } from "../../src/terminal/progress-line.ts";
import { createProgressReporter } from "../../src/terminal/progress-reporter.ts";
import { cut, displayWidth, oneLine } from "../../src/terminal/width.ts";

const progress: Progress = {
  name: "countPrimes",
  state: "computing",
  done: 62_500_000,
  total: 100_000_000,
  elapsedMs: 5000,
  ranks: { computing: 7, idle: 1 },
  partsDone: 12,
  partsTotal: 40,
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
const uncoloured = (text: string): string => text.replace(/\x1b\[\d*m/g, "");

describe("numbers are shown with three digits", () => {
  test.each([
    [0, "0 ms"],
    [849.6, "850 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [12_345, "12.3 s"],
    [59_949, "59.9 s"],
    [59_960, "1 m 00 s"],
    [245_400, "4 m 05 s"],
    [3_599_600, "1 h 00 m"],
    [7_380_000, "2 h 03 m"],
    [86_399_999, "1 d 00 h"],
    [273_600_000, "3 d 04 h"],
    [-1, "–"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("%d ms are %p", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0, "0", "0 B"],
    [950, "950", "950 B"],
    [0.5, "0.50", "0.50 B"],
    [999, "999", "999 B"],
    [1000, "1.00 k", "1.00 kB"],
    [9_994, "9.99 k", "9.99 kB"],
    [9_996, "10.0 k", "10.0 kB"],
    [12_345, "12.3 k", "12.3 kB"],
    [999_499, "999 k", "999 kB"],
    [999_500, "1.00 M", "1.00 MB"],
    [1.5e6, "1.50 M", "1.50 MB"],
    [2e21, "2000 E", "2000 EB"],
    [-1500, "-1.50 k", "-1.50 kB"],
    [Number.NaN, "–", "–"],
  ])("%d is %p as a count and %p in bytes", (value, count, bytes) => {
    expect(formatCount(value)).toBe(count);
    expect(formatBytes(value)).toBe(bytes);
  });

  test("and are right to half a percent", () => {
    const prefixes = ["", "k", "M", "G", "T", "P", "E"];
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e20, noNaN: true }), (value) => {
        const [digits = "", prefix = ""] = formatCount(value).split(" ");
        expect(digits.replace(".", "").length).toBeLessThanOrEqual(3);
        const read = Number(digits) * 1000 ** prefixes.indexOf(prefix);
        expect(Math.abs(read - value) / value).toBeLessThanOrEqual(0.00505);
      }),
    );
  });
});

describe("columns", () => {
  test.each([
    ["abc", 3],
    ["Grüße", 5],
    ["e\u0301", 1],
    ["日本語", 6],
    ["한국", 4],
    ["👩‍🚀 🇩🇪 ✅", 8],
    ["❤️", 2],
    ["a\u200bb", 2],
  ])("%p takes %d", (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  test("what is cut fits, ends in … and begins like the whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }).map(oneLine), fc.nat(30), (text, columns) => {
        const short = cut(text, columns);
        expect(displayWidth(short)).toBeLessThanOrEqual(columns);
        if (displayWidth(text) <= columns) expect(short).toBe(text);
        else expect([columns === 0 || short.endsWith("…"), text.startsWith(short.slice(0, -1))]).toEqual([true, true]);
      }),
    );
  });

  test("nothing in a text moves the cursor, colours or turns the line", () => {
    expect(oneLine("a\x1b[31mred\x1b[0m\r\nb\tc\x1b]0;title\x07d\u202ee\u2028f\x9bg")).toBe("ared b cde f g");
  });
});

describe("the line", () => {
  test.each([
    [
      120,
      "countPrimes computing ━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  62 % · 12.5 M/s · 3.0 s left · 7/8 ranks computing · part 12/40",
    ],
    [95, "countPrimes computing ━━━━━╌╌╌  62 % · 12.5 M/s · 3.0 s left · 7/8 ranks computing · part 12/40"],
    [94, "countPrimes computing ━━━━━━━━━━━━╌╌╌╌╌╌╌╌  62 % · 12.5 M/s · 3.0 s left · 7/8 ranks computing"],
    [80, "countPrimes computing ━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌  62 % · 12.5 M/s · 3.0 s left"],
    [59, "countPrimes computing ━━━━━━━━━━━╌╌╌╌╌╌╌  62 % · 3.0 s left"],
    [45, "countPrimes computing ━━━━━━━━━━╌╌╌╌╌╌╌  62 %"],
    [35, "countPrimes computing  62 %"],
    [30, "countPrimes computing  62 %"],
    [20, "countPrimes computi…"],
    [1, "…"],
    [0, ""],
  ])("in %d columns", (columns, line) => {
    expect(formatProgress(progress, columns)).toBe(line);
  });

  test.each<[string, Partial<Progress>, string]>([
    [
      "no total at all",
      { total: 0, partsTotal: undefined },
      "countPrimes computing · 12.5 M/s · 5.0 s · 7/8 ranks computing · part 12/?",
    ],
    [
      "parts alone",
      { total: 0, done: 0 },
      "countPrimes computing ━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  30 % · 11.7 s left · 7/8 ranks computing · part 12/40",
    ],
    [
      "more done than there is",
      { done: 2e8 },
      "countPrimes computing ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100 % · 40.0 M/s · 0 ms left · 7/8 ranks computing · part 12/40",
    ],
    [
      "almost all done",
      { done: 99_999_999 },
      "countPrimes computing ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╌  99 % · 20.0 M/s · 0 ms left · 7/8 ranks computing · part 12/40",
    ],
    [
      "nothing done",
      { done: 0, partsDone: 0 },
      "countPrimes computing ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   0 % · 5.0 s · 7/8 ranks computing · part 0/40",
    ],
    [
      "one rank, no parts yet",
      { ranks: { idle: 1 }, partsDone: 0, partsTotal: undefined, state: "scattering" },
      "countPrimes scattering ━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  62 % · 12.5 M/s · 3.0 s left · 0/1 rank computing",
    ],
    [
      "an early end",
      { state: "done" },
      "countPrimes done ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100 % · 12.5 M/s · after 5.0 s · part 12/40",
    ],
    [
      "a failure",
      { state: "failed" },
      "countPrimes failed ━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  62 % · 12.5 M/s · after 5.0 s · part 12/40",
    ],
  ])("of %s", (_title, change, line) => {
    expect(formatProgress({ ...progress, ...change }, 140)).toBe(line);
  });

  const anyProgress: fc.Arbitrary<Progress> = fc.record({
    name: fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" })),
    state: fc.constantFrom("idle", "scattering", "computing", "reducing", "done", "failed", "cancelled"),
    done: fc.double({ min: 0, noNaN: true }),
    total: fc.double({ min: 0, noNaN: true }),
    elapsedMs: fc.double({ min: 0, noNaN: true }),
    ranks: fc.dictionary(fc.constantFrom("idle", "computing"), fc.nat(1000)),
    partsDone: fc.nat(),
    partsTotal: fc.option(fc.nat(), { nil: undefined }),
  });

  test("is never wider than its columns, is one line, and says the same in colour", () => {
    fc.assert(
      fc.property(anyProgress, fc.nat(150), (any, columns) => {
        const line = formatProgress(any, columns);
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(line).toBe(oneLine(line));
        expect(line).not.toMatch(/NaN|undefined|Infinity/);
        expect(uncoloured(formatProgress(any, columns, true))).toBe(line);
      }),
    );
  });
});

/** As much of a terminal as the line needs: one row, a cursor, `\r` and erase line; anything else is an error. */
class Terminal {
  readonly columns: number = 60;
  writable = true;
  row = "";
  cursor = 0;
  writes = 0;
  text = "";
  write(text: string): void {
    this.writes++;
    this.text += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal reads
    for (const [token] of text.matchAll(/\x1b\[2K|\x1b\[\d*m|[^\x1b]/gu)) this.take(token);
  }
  private take(token: string): void {
    if (token.endsWith("m") && token.length > 1) return;
    if (token === "\r") this.cursor = 0;
    else if (token === "\x1b[2K") this.row = "";
    else {
      expect(token).not.toBe("\n");
      this.row = this.row.slice(0, this.cursor) + token + this.row.slice(this.cursor + 1);
      this.cursor++;
      // A cursor in the last column is where terminals begin to differ.
      expect(this.cursor).toBeLessThan(this.columns);
    }
  }
}

describe("a reporter on a terminal", () => {
  const setUp = (env: Record<string, string> = {}) => {
    const clock = { ms: 0 };
    const terminal = new Terminal();
    const reporter = createProgressReporter(terminal, { now: () => clock.ms, isTTY: true, env });
    return { clock, terminal, reporter };
  };
  const at = (done: number): Progress => ({ ...progress, done });

  test("shows the newest line and nothing of the one before", () => {
    const { clock, terminal, reporter } = setUp();
    for (const name of ["a rather long name", "short"]) {
      reporter.update({ ...progress, name });
      clock.ms += 100;
      expect(terminal.row).toBe(formatProgress({ ...progress, name }, 59));
    }
  });

  test("draws at most ten times a second, and not at all when nothing changed", () => {
    const { clock, terminal, reporter } = setUp();
    for (; clock.ms < 1000; clock.ms += 1) reporter.update(at(clock.ms * 1e5));
    expect(terminal.writes).toBe(10);
    clock.ms = 5000;
    reporter.update(at(7));
    clock.ms = 6000;
    reporter.update(at(7));
    expect(terminal.writes).toBe(11);
  });

  test("leaves an empty line with the cursor at its begin, and then is silent", () => {
    const { clock, terminal, reporter } = setUp();
    reporter.update(progress);
    reporter.close();
    expect([terminal.row, terminal.cursor]).toEqual(["", 0]);
    const { writes } = terminal;
    clock.ms = 1000;
    reporter.update(at(1));
    reporter.clear();
    reporter.close();
    expect(terminal.writes).toBe(writes);
  });

  test("writes nothing at all when it never had a line", () => {
    const { terminal, reporter } = setUp();
    reporter.clear();
    reporter.close();
    expect(terminal.writes).toBe(0);
  });

  test("makes way for other output, and comes back with the next update", () => {
    const { clock, terminal, reporter } = setUp();
    reporter.update(progress);
    reporter.clear();
    expect([terminal.row, terminal.cursor]).toEqual(["", 0]);
    reporter.update(progress);
    expect(terminal.row).toBe("");
    clock.ms = 100;
    reporter.update(progress);
    expect(terminal.row).toBe(formatProgress(progress, 59));
  });

  test("uses colours, unless NO_COLOR is set to something", () => {
    const drawn = (env: Record<string, string>): string => {
      const { terminal, reporter } = setUp(env);
      reporter.update(progress);
      return terminal.text;
    };
    expect(drawn({})).toContain("\x1b[36m");
    expect(drawn({ NO_COLOR: "" })).toContain("\x1b[36m");
    expect(drawn({ NO_COLOR: "1" })).toBe(`\r\x1b[2K${formatProgress(progress, 59)}`);
  });

  test("writes nothing to a stream that has ended", () => {
    const { terminal, reporter } = setUp();
    reporter.update(progress);
    const { writes } = terminal;
    terminal.writable = false;
    reporter.clear();
    reporter.close();
    expect(terminal.writes).toBe(writes);
  });
});

describe("a reporter off a terminal", () => {
  const setUp = (isTTY = false, env: Record<string, string> = {}) => {
    const clock = { ms: 0 };
    const lines: string[] = [];
    const reporter = createProgressReporter(
      { write: (text) => lines.push(text), columns: 40 },
      { now: () => clock.ms, isTTY, env },
    );
    return { clock, lines, reporter };
  };

  test("writes a plain line every five seconds, and at each change of state", () => {
    const { clock, lines, reporter } = setUp();
    for (; clock.ms < 12_000; clock.ms += 500)
      reporter.update({ ...progress, state: clock.ms < 1000 ? "scattering" : "computing", elapsedMs: clock.ms });
    reporter.update({ ...progress, state: "done" });
    reporter.close();
    expect(lines).toEqual(
      [
        { ...progress, state: "scattering", elapsedMs: 0 },
        { ...progress, elapsedMs: 1000 },
        { ...progress, elapsedMs: 6000 },
        { ...progress, elapsedMs: 11_000 },
        { ...progress, state: "done" },
      ].map((line) => `${formatProgress(line, 160)}\n`),
    );
    reporter.update({ ...progress, state: "failed" });
    expect(lines).toHaveLength(5);
  });

  test("and so on a dumb terminal", () => {
    const { lines, reporter } = setUp(true, { TERM: "dumb" });
    reporter.update(progress);
    reporter.close();
    expect(lines).toEqual([`${formatProgress(progress, 160)}\n`]);
  });
});
