/** The live view: what it says of each host, how it fits, and what a terminal shows of it. */
import fc from "fast-check";
import type { JobSnapshot } from "../../src/cluster/job.ts";
import type { RankSnapshot } from "../../src/cluster/rank-table.ts";
import { createLiveReporter } from "../../src/terminal/live-reporter.ts";
import { formatLive } from "../../src/terminal/live-view.ts";
import { formatTable } from "../../src/terminal/table.ts";
import { displayWidth } from "../../src/terminal/width.ts";

const rank = (number: number, host: string, more: Partial<RankSnapshot> = {}): RankSnapshot => ({
  rank: number,
  host,
  state: "computing",
  part: number,
  progress: { done: 1000, total: 0 },
  sinceMs: 0,
  ...more,
});
const snapshotOf = (ranks: readonly RankSnapshot[]): JobSnapshot => ({
  id: "countPrimes#1",
  kernel: "countPrimes",
  value: "computing",
  reason: null,
  elapsedMs: 2000,
  parts: { handedOut: 8, done: 4, again: 0, total: 40 },
  ranks,
});
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
const uncoloured = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, "");
const size = { columns: 100, rows: 24 };

test("a line for the job, and one for each host with a letter for each rank", () => {
  const ranks = [
    rank(0, "desk"),
    rank(1, "node1", { state: "reducing" }),
    rank(2, "node1", { state: "idle", part: null }),
    rank(3, "node2", { waitsFor: "waits for tag 7 from rank 0" }),
    rank(4, "gone", { lost: "its process was ended by SIGKILL" }),
  ];
  expect(formatLive(snapshotOf(ranks), size)).toEqual([
    "countPrimes computing ━╌╌╌╌╌╌╌╌╌╌╌╌  10 % · 2.50 k/s · 18.0 s left · 1/5 ranks computing · part 4/40",
    "  desk   C   1 computing · part 0 · 500/s",
    "  node1  r·  1 reducing, 1 idle · part 1 · 1.00 k/s",
    "  node2  w   1 waiting · rank 3 waits for tag 7 from rank 0 · part 3 · 500/s",
    "  gone   !   lost: its process was ended by SIGKILL",
  ]);
});

const anyRank = fc.record({
  host: fc.constantFrom("desk", "node1", "a-very-long-name-of-a-host.in.some.domain", "主机"),
  state: fc.constantFrom("idle", "scattering", "computing", "reducing", "cancelled"),
  lost: fc.option(fc.string(), { nil: undefined }),
}) as fc.Arbitrary<Partial<RankSnapshot>>;

test("it is never wider or higher than there is room, and colours change nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(anyRank, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 20, max: 120 }),
      fc.integer({ min: 1, max: 8 }),
      (ranks, columns, rows) => {
        const snapshot = snapshotOf(ranks.map((each, i) => rank(i, each.host!, each)));
        const plain = formatLive(snapshot, { columns, rows });
        expect(plain.length).toBeLessThanOrEqual(rows);
        for (const line of plain) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(formatLive(snapshot, { columns, rows }, true).map(uncoloured)).toEqual(plain);
      },
    ),
  );
});

test("on a terminal it is redrawn in place, and makes way", () => {
  const stream = terminal(80, 24);
  const reporter = createLiveReporter(stream, { now: () => 0, redrawMs: 0, isTTY: true, env: { NO_COLOR: "1" } });
  const one = snapshotOf([rank(0, "desk"), rank(1, "node1")]);
  const other = snapshotOf([rank(0, "desk", { state: "idle" }), rank(1, "node1")]);
  reporter.update(one);
  expect(stream.written.split("\n")).toHaveLength(3);
  stream.written = "";
  reporter.update(one);
  expect(stream.written).toBe(""); // it stands there already
  reporter.update(other);
  expect(stream.written.startsWith("\r\x1b[2A\x1b[J")).toBe(true);
  expect(uncoloured(stream.written)).toBe(stream.written);
  stream.written = "";
  reporter.clear();
  reporter.clear();
  reporter.close();
  reporter.update(one);
  expect(stream.written).toBe("\r\x1b[2A\x1b[J");
});

test("elsewhere it is plain lines", () => {
  const stream = terminal(80, 24);
  const reporter = createLiveReporter(stream, { now: () => 0, isTTY: false });
  reporter.update(snapshotOf([rank(0, "desk")]));
  reporter.update(snapshotOf([rank(0, "desk")]));
  expect(stream.written).toMatch(/^countPrimes computing .*\n$/);
});

test("a table's columns are as wide as their widest cell, whatever letters it has", () => {
  const columns = [{ title: "A" }, { title: "COUNT", align: "right" as const }, { title: "C" }];
  expect(
    formatTable(columns, [
      ["主机", "7", "x"],
      ["b\u001b[31m", "1234567", "yz"],
    ]),
  ).toEqual(["A       COUNT  C", "主机        7  x", "b     1234567  yz"]);
});

function terminal(columns: number, rows: number) {
  return {
    columns,
    rows,
    written: "",
    write(text: string) {
      this.written += text;
    },
  };
}
