/** What the inspector keeps of a job. */
import type { TransitionRecord } from "../../src/cluster/story.ts";
import { Recording } from "../../src/inspector/recording.ts";

const record = (seq: number): TransitionRecord => ({
  seq,
  timeMs: seq,
  job: "j#1",
  rank: seq % 7,
  host: "h",
  from: "idle",
  to: "scattering",
  event: "part.received",
});

test("a reader who goes on from a place gets each transition once, in order", () => {
  const recording = new Recording();
  const seen: number[] = [];
  let place = 0;
  for (let seq = 1; seq <= 1000; seq++) {
    recording.add(record(seq));
    if (seq % 13 !== 0) continue;
    const { told, next } = recording.rowsFrom(place, 10);
    seen.push(...told.rows.map(([timeMs]) => timeMs));
    expect(told.dropped).toBe(0);
    place = next;
  }
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => i + 1));
  expect(seen).toHaveLength(760);
});

test("of transitions without end the last ones are kept, and a late reader is told how many it missed", () => {
  const recording = new Recording();
  for (let seq = 1; seq <= 450_000; seq++) recording.add(record(seq));
  const { told, next } = recording.rowsFrom(0, Number.POSITIVE_INFINITY);
  expect(told.rows.length).toBeGreaterThanOrEqual(100_000);
  expect(told.rows.length).toBeLessThan(200_001);
  expect(told.dropped + told.rows.length).toBe(450_000);
  expect(told.rows.at(-1)![0]).toBe(450_000);
  expect(next).toBe(450_000);
});
