/** Ranks that talk: one job at a time, and what comes for another waits for it or is dropped. */
import { Fabric, type FabricMap } from "../../src/comm/device/fabric.ts";
import { kinds, slot } from "../../src/comm/device/fragment.ts";
import { fragmentWords } from "../../src/comm/device/inbox.ts";
import { Batch } from "../../src/host/batch.ts";
import { TalkingRanks } from "../../src/host/talking-ranks.ts";
import type { ToDriver } from "../../src/wire/messages.ts";
import { toRuns } from "../../src/wire/runs.ts";

/** Ranks 0 and 1 are here, rank 2 is on host 1. */
const together = toRuns([0, 0, 1]);

const open: TalkingRanks[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function talking() {
  const sent: ToDriver[] = [];
  const warned: string[] = [];
  let over = 0;
  const made = new TalkingRanks([0, 1], 3, undefined, {
    isOver: (job) => job <= over,
    send: (_lane, head) => sent.push(head),
    ways: () => ({ bound: [], seenAs: [] }),
    warn: (message) => warned.push(message),
  });
  open.push(made);
  const end = (job: number) => {
    over = job;
    made.end(job);
  };
  return { made, sent, warned, end };
}

/** What rank 2 has for rank `dest` in this job. */
function batch(job: number, dest: number, payload: number[]) {
  const words = new Int32Array(fragmentWords);
  words[slot.kind] = kinds.eager;
  words[slot.source] = 2;
  words[slot.dest] = dest;
  const made = new Batch(job);
  made.add(words, 0, Uint8Array.from(payload), undefined);
  return made.take();
}

/** The payloads that have come for a rank. */
function cameFor(map: FabricMap, rank: number): number[][] {
  const inbox = new Fabric(map).inboxOf(rank);
  const came: number[][] = [];
  while (inbox.pop((_words, _at, bytes, from, length) => came.push([...bytes.subarray(from, from + length)])));
  return came;
}

test("all ranks of a job here get the same memory; the next job has its own", () => {
  const { made, end } = talking();
  const map = made.fabricOf(1, together);
  expect(made.fabricOf(1, together)).toBe(map);
  expect(map.hosts.slice(0, 3)).toEqual([0, 0, 1]);
  end(1);
  expect(made.fabricOf(2, together)).not.toBe(map);
});

test("with other hosts there is one more rank for each, which serves windows; alone there is none", () => {
  expect(talking().made.fabricOf(1, together)).toMatchObject({ size: 5, servers: 2, localRanks: [0, 1, 3] });
  expect(talking().made.fabricOf(1, toRuns([0, 0, 0]))).toMatchObject({ size: 3, servers: 0, localRanks: [0, 1] });
});

test("what comes before its job has begun here is there when it begins, in its order", () => {
  const { made } = talking();
  made.cameFrom(1, batch(1, 0, [1]));
  made.cameFrom(1, batch(1, 0, [2]));
  made.cameFrom(1, batch(1, 1, [3]));
  const map = made.fabricOf(1, together);
  made.cameFrom(1, batch(1, 0, [4]));
  expect([cameFor(map, 0), cameFor(map, 1)]).toEqual([[[1], [2], [4]], [[3]]]);
});

test("what comes for a later job outlives the end of this one; what is late is dropped", () => {
  const { made, warned, sent, end } = talking();
  const first = made.fabricOf(1, together);
  made.cameFrom(1, batch(2, 0, [2]));
  end(1);
  made.cameFrom(1, batch(1, 0, [1]));
  const second = made.fabricOf(2, together);
  expect([cameFor(first, 0), cameFor(second, 0)]).toEqual([[], [[2]]]);
  expect([warned, sent]).toEqual([[], []]);
});

test.each([
  ["is no batch", [new Uint8Array(3)]],
  ["is cut off", [batch(1, 0, [1])[0]!.subarray(0, 20)]],
  ["speaks to a rank that is not here", batch(1, 2, [1])],
])("what %s breaks the connection that it came by", (_, frames) => {
  const { made, warned, sent } = talking();
  made.fabricOf(1, together);
  made.cameFrom(1, frames);
  expect(sent).toEqual([{ kind: "Broken", to: 1 }]);
  expect(warned).toEqual(["what another host sent was dropped"]);
});

test("the last word is of the job that talks, and nobody else's", () => {
  const { made, end } = talking();
  expect([made.news(), made.allOf(1)]).toEqual([null, null]);
  made.fabricOf(1, together);
  expect(made.news()).toBeNull(); // nobody has sent anything
  expect(made.allOf(1)).toMatchObject({ pairs: [], crossed: [] });
  expect(made.allOf(2)).toBeNull();
  end(1);
  expect(made.allOf(1)).toBeNull();
});
