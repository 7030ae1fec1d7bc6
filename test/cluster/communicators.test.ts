/** What ranks can rely on when they talk, on hosts with a network between them; many random programs, and large arrays. */
import { type Cluster, type InfraOptions, type Kernel, launchCluster } from "mpits";
import * as buffers from "../fixtures/buffers.js";
import * as communicators from "../fixtures/communicators.js";
import * as requests from "../fixtures/requests.js";
import { checkPayloads, checkRandomPrograms, checkReductions } from "../support/definitions.ts";
import { windowRules } from "../support/window-rules.ts";
import { worlds } from "../support/worlds.ts";
import { Bed } from "./support/bed.ts";

const rules = Object.entries<Kernel<object>>({ ...buffers, ...communicators, ...requests });

const MiB = 2 ** 20;

function checks(launch: () => Promise<Cluster>): void {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launch();
  });
  afterAll(() => cluster.close());

  test.each(rules)("%s", async (_name, rule) => {
    expect(await cluster.spawn(rule, {}).result).toEqual(Array.from({ length: cluster.size }, () => []));
  });
  test("every reduction", () => checkReductions(cluster));
  test("100 random programs", () => checkRandomPrograms(cluster, 100), 600_000);
  test("arrays of up to 64 MiB", async () => {
    await checkPayloads(cluster, [0, 8, 8064, 8128, 8136, 65_528, MiB + 8, 64 * MiB]);
  }, 600_000);
}

describe.each(worlds)("on %s", (_name, options) => {
  checks(() => launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 }));
});

describe("on hosts with a network between them", () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await Bed.up(3);
    process.env.MPITS_SSH_CONFIG = bed.sshConfig;
  });
  afterAll(async () => {
    await bed?.down();
  });
  const on = (options: InfraOptions) => () => launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 });

  describe("one rank on each of two", () => checks(on({ hosts: ["node1", "node2"] })));
  describe("one-sided, two ranks on each of two", () => windowRules({ hosts: ["node1", "node2"], perNodeCores: 2 }));
  describe("two ranks on each of three", () => checks(on({ hosts: ["node[1-3]"], perNodeCores: 2 })));
});
