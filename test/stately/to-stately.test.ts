/** Events for Stately's inspector, against those of its own package. */
import { createInspector, type StatelyInspectionEvent } from "@statelyai/inspect";
import { type Cluster, jobMachine, launchCluster } from "mpits";
import { type StatelyEvent, toStately } from "mpits/stately";
import { createActor } from "xstate";
import { polling } from "../fixtures/kernels.js";
import { allComputing, rejection, until } from "../support/job-events.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await launchCluster({ perNodeCores: 2, logLevel: "silent" });
});
afterAll(() => cluster.close());

/** What an inspector of theirs hands to its adapter for a machine of ours. */
async function theirs(): Promise<StatelyInspectionEvent[]> {
  const events: StatelyInspectionEvent[] = [];
  const inspector = createInspector({ send: (event) => void events.push(event) });
  const machine = jobMachine.provide({ actions: { startRun: () => {}, stopRanks: () => {} } });
  const actor = createActor(machine, { input: { job: 1, kernel: "k" }, inspect: inspector.inspect });
  actor.start();
  actor.send({ type: "job.start" });
  while (
    !events.some(
      ({ type, ...rest }) => type === "@xstate.snapshot" && "event" in rest && rest.event.type === "job.start",
    )
  )
    await new Promise(setImmediate);
  return events;
}

test("a job and its ranks are actors, and each transition is an event and a snapshot", async () => {
  const events: StatelyEvent[] = [];
  const job = cluster.spawn(polling, {});
  toStately(job, { send: (event) => void events.push(event) });
  await until(job, allComputing);
  job.cancel("enough");
  await rejection(job.result);
  const actors = events.filter((event) => event.type === "@xstate.actor");
  const { id } = job;
  expect(actors.map(({ sessionId, parentId, rootId }) => ({ sessionId, parentId, rootId }))).toEqual([
    { sessionId: id, parentId: undefined, rootId: id },
    ...[0, 1].map((rank) => ({ sessionId: `${id}:${rank}`, parentId: id, rootId: id })),
  ]);
  const way = (session: string) =>
    events.flatMap((event) =>
      event.type === "@xstate.snapshot" && event.sessionId === session ? [event.snapshot] : [],
    );
  expect(way(id).map(({ value, status }) => [value, status])).toEqual([
    ["scattering", "active"],
    ["computing", "active"],
    ["cancelled", "done"],
  ]);
  expect(way(`${id}:1`).map(({ value }) => value)).toEqual(["scattering", "computing", "cancelled", "idle"]);
  expect(events.filter(({ type }) => type === "@xstate.event")).toHaveLength(job.story().length);
});

test("the events are of the shape that Stately's own package gives them", async () => {
  const ours: StatelyInspectionEvent[] = [];
  const job = cluster.spawn(polling, {});
  toStately(job, { send: (event: StatelyInspectionEvent) => void ours.push(event) });
  job.cancel();
  await rejection(job.result);
  for (const event of await theirs()) {
    const same = ours.find(({ type, sessionId }) => type === event.type && sessionId === job.id)!;
    expect(Object.keys(same).sort()).toEqual(Object.keys(event).sort());
    if (event.type !== "@xstate.actor" || same.type !== "@xstate.actor") continue;
    expect(JSON.parse(same.definition!)).toEqual(JSON.parse(event.definition!));
  }
});
