/** A page's stream, against a browser that reads as fast as the test says. */
import type { ServerResponse } from "node:http";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { OutputLog } from "../../src/cluster/output-log.ts";
import type { TransitionRecord } from "../../src/cluster/story.ts";
import { Feed } from "../../src/inspector/feed.ts";
import type { PageEvents } from "../../src/inspector/protocol.ts";
import type { Recorder } from "../../src/inspector/recorder.ts";
import { Recording } from "../../src/inspector/recording.ts";

const id = "squares#1";
const betweenRanks = [
  { from: 0, to: 1, messages: 2, bytes: 16 },
  { from: 1, to: 0, messages: 1, bytes: 8 },
];

/** A response whose reader takes everything, or stopped reading. */
class Browser {
  destroyed = false;
  written = "";
  #unread = 0;
  reads = true;
  #drained = (): void => {};

  on(_: "drain", drained: () => void): this {
    this.#drained = drained;
    return this;
  }

  get writableLength(): number {
    return this.#unread;
  }

  write(text: string): boolean {
    this.written += text;
    if (!this.reads) this.#unread += text.length;
    return this.reads;
  }

  end(): void {
    this.destroyed = true;
  }

  readAll(): void {
    this.reads = true;
    this.#unread = 0;
    this.#drained();
  }

  /** All events of a name so far, as the page would parse them. */
  events<Name extends keyof PageEvents>(name: Name): PageEvents[Name][] {
    const all = [...this.written.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)];
    return all.filter(([, each]) => each === name).map(([, , data]) => JSON.parse(data!) as PageEvents[Name]);
  }
}

/** A cluster whose one job is over, as far as a feed looks at it. */
function world(): { feed: Feed; browser: Browser; recording: Recording; output: OutputLog } {
  const recording = new Recording();
  const output = new OutputLog();
  const snapshot = { id, value: "done", reason: null };
  const cluster = {
    jobs: [],
    pastJobs: [{ snapshot, stats: { betweenRanks, least: { ranks: 20, hosts: 0 } }, story: [] }],
    output,
    configuration: { cancelGraceMs: 5000 },
    getSnapshot: () => ({ hosts: [] }),
  };
  const recorder = { of: () => recording };
  const browser = new Browser();
  const feed = new Feed(
    browser as unknown as ServerResponse,
    cluster as unknown as Cluster,
    recorder as unknown as Recorder,
    undefined,
  );
  return { feed, browser, recording, output };
}

const record = (seq: number): TransitionRecord => ({
  seq,
  timeMs: seq,
  job: id,
  rank: 0,
  host: "h",
  from: "idle",
  to: "scattering",
  event: "part.received",
});

test("a browser gets every transition once and in order, however they are bundled", () => {
  const { feed, browser, recording } = world();
  for (let seq = 1; seq <= 25_000; seq++) {
    recording.add(record(seq));
    if (seq % 7777 === 0) feed.push();
  }
  feed.push();
  const times = browser.events("records").flatMap(({ rows }) => rows.map(([timeMs]) => timeMs));
  expect(times).toEqual(Array.from({ length: 25_000 }, (_, i) => i + 1));
  expect(browser.events("begin")).toEqual([{ job: id }]);
});

test("for a browser that does not read nothing piles up, and it goes on from what is kept", () => {
  const { feed, browser, recording } = world();
  browser.reads = false;
  for (let seq = 1; seq <= 450_000; seq++) {
    recording.add(record(seq));
    if (seq % 1000 === 0) feed.push();
  }
  expect(browser.writableLength).toBeLessThan(1_000_000);
  browser.readAll();
  const told = browser.events("records");
  const rows = told.flatMap((each) => each.rows);
  expect(rows.at(-1)![0]).toBe(450_000);
  expect(rows.length + told.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(450_000);
});

test("a state that has not changed is not told again", () => {
  const { feed, browser } = world();
  for (let i = 0; i < 5; i++) feed.push();
  expect(browser.events("state")).toHaveLength(1);
});

test("what pairs of ranks have said is told once as long as it stays, and is no part of the state", () => {
  const { feed, browser } = world();
  for (let i = 0; i < 5; i++) feed.push();
  expect(browser.events("traffic")).toEqual([{ pairs: [0, 1, 2, 16, 1, 0, 1, 8], leastBytes: 20 }]);
  expect(browser.events("state")[0]!.job!.stats).not.toHaveProperty("betweenRanks");
});

test("lines of the job are told, those of others are not", () => {
  const { feed, browser, output } = world();
  const line = (job: string, text: string) =>
    output.push({ timeMs: 1, job, rank: 0, host: "h", stream: "stdout", text });
  for (let i = 0; i < 1200; i++) line(i % 2 === 0 ? id : "other#2", `${i}`);
  feed.push();
  line(id, "last");
  feed.push();
  const texts = browser.events("lines").flatMap((lines) => lines.map(({ text }) => text));
  expect(texts).toEqual([...Array.from({ length: 600 }, (_, i) => `${2 * i}`), "last"]);
});

test("the last word of a stream is that the cluster was closed", () => {
  const { feed, browser } = world();
  feed.push();
  feed.close();
  expect(browser.written.endsWith("event: closed\ndata: {}\n\n")).toBe(true);
  expect(browser.destroyed).toBe(true);
});
