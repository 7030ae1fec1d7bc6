/** A driver's side of one connection, whatever is wrong with the jobs that it is asked for. */
import { createServer } from "node:net";
import { join } from "node:path";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { DriverLink } from "../../src/steer/client.ts";
import { Connection } from "../../src/steer/connection.ts";
import type { Pages } from "../../src/steer/pages.ts";
import { rejection } from "../support/job-events.ts";
import { ownSteerFolder } from "../support/steer-folder.ts";

const { root } = ownSteerFolder();

test("an error while a job is looked at is answered, and the driver goes on", async () => {
  const broken = {
    id: "broken#1",
    getSnapshot() {
      throw new RangeError("out of range");
    },
  };
  const cluster = { jobs: [broken], pastJobs: [], size: 1, getSnapshot: () => ({ hosts: [] }) } as unknown as Cluster;
  const path = join(root, "driver.sock");
  const server = createServer((socket) => new Connection(socket, new Map([[1, cluster]]), {} as Pages));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const link = await DriverLink.open(path, process.pid);
  try {
    const asked = { ask: "inspect", cluster: 1, job: "broken#1", last: 5 } as const;
    for (let i = 0; i < 2; i++)
      expect(await rejection(link.ask(asked))).toMatchObject({
        refusal: { kind: "failed", message: "the driver could not answer: RangeError: out of range" },
      });
  } finally {
    link.close();
    await new Promise((resolve) => server.close(resolve));
  }
});
