/** What ranks can rely on when they talk to each other, in every world; the rules themselves are kernels of test/fixtures. */
import { type Cluster, type Kernel, launchCluster } from "mpits";
import * as buffers from "../fixtures/buffers.js";
import * as communicators from "../fixtures/communicators.js";
import * as requests from "../fixtures/requests.js";
import { checkPayloads, checkRandomPrograms, checkReductions } from "../support/definitions.ts";
import { someWorlds } from "../support/worlds.ts";

describe.each(someWorlds)("on %s", (_world, options) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 });
  });
  afterAll(() => cluster.close());

  const holds = async (rule: Kernel<object>) =>
    expect(await cluster.spawn(rule, {}).result).toEqual(Array.from({ length: cluster.size }, () => []));

  test("messages and collectives of one communicator never meet those of another", () => holds(communicators.contexts));
  test("communicators may be made at the same time, in any order", () => holds(communicators.atOnce));
  test("a split brings ranks of a colour together, by key and then by rank", () => holds(communicators.splits));
  test("a communicator can be made of a group, by all ranks or by its members alone", () =>
    holds(communicators.groups));
  test("a communicator that was freed refuses every call, and is not freed while a receive waits in it", () =>
    holds(communicators.freeing));
  test("a grid knows coordinates, shifts, slices and neighbours, and data move along them", () =>
    holds(communicators.grids));
  test("neighbours exchange along the edges of any graph", () => holds(communicators.graphs));
  test("a section of an array travels as its elements, and is filled where it lies", () => holds(buffers.sections));
  test("collectives fill given buffers, by counts and displacements, in place too", () => holds(buffers.intoBuffers));
  test("collectives send and fill sections of arrays", () => holds(buffers.sectionsTogether));
  test("requests are waited for and tested all, any or some at a time, and each is given once", () =>
    holds(requests.lists));
  test("a receive without a message can be taken back, and its message goes to another", () => holds(requests.cancels));
  test("every wait has a time-out, and none of them loses a message", () => holds(requests.timeouts));
  test("a persistent request is started again and again", () => holds(requests.persistent));
  test("probes tell what there is, and a matched message is its taker's alone", () => holds(requests.probes));
  test("every reduction gives what it is defined to, with every op, type of array and root", () =>
    checkReductions(cluster, 4));
  test("arrays of every type, from 0 bytes on, come as they went, by messages and by collectives", () =>
    checkPayloads(cluster, [0, 8, 8128, 8136, 200_000], 4));
  test("each receive of a random program gets the first message that it wants and no earlier one got", () =>
    checkRandomPrograms(cluster, 4));
});
