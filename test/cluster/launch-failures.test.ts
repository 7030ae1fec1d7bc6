/** What keeps a real host from coming up: an error of its own for each, naming host and phase, and nothing left on the others. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchCluster } from "mpits";
import { rejection } from "../support/job-events.ts";
import { Bed } from "./support/bed.ts";

const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const connectTimeoutS = 4;
let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(3);
});
afterAll(async () => {
  await bed?.down();
});
beforeEach(() => {
  process.env.MPITS_SSH_CONFIG = bed.sshConfig;
});
afterEach(() => bed.expectNothingLeft());

/** The error of a launch on all three hosts, of which node2 has these settings; it must come within its time-out. */
async function failure(node2: object = {}, options: object = {}) {
  const hosts = ["node1", { host: "node2", ...node2 }, "node3"];
  const launch = launchCluster({ hosts, perNodeCores: 1, logLevel: "silent", connectTimeoutS, ...options });
  const from = performance.now();
  const error = await rejection(launch.then((cluster) => cluster.close()));
  expect(performance.now() - from).toBeLessThan(2 * connectTimeoutS * 1000 + 2000); // what leads to the phase, and the phase
  expect(error.name).toBe("LaunchError");
  return error;
}

function withSshConfig(change: (text: string) => string): void {
  const config = `${bed.state}/other_config`;
  writeFileSync(config, change(readFileSync(bed.sshConfig, "utf8")));
  process.env.MPITS_SSH_CONFIG = config;
}

/** An ssh configuration that knows other host keys. */
function withKnownHosts(change: (text: string) => string, checking = ""): void {
  const known = `${bed.state}/other_known_hosts`;
  writeFileSync(known, change(readFileSync(`${bed.state}/known_hosts`, "utf8")));
  withSshConfig((text) => `Host *\n${checking}${text.replace(`${bed.state}/known_hosts`, known)}`);
}

test("an unknown host", async () => {
  const error = await failure({ host: "no-such-host.invalid", name: "node2" });
  expect(error).toMatchObject({ host: "node2", phase: "resolve" });
  expect(error.message).toContain("no-such-host.invalid");
});

test("nobody listens", async () => {
  expect(await failure({ port: 2223 })).toMatchObject({ host: "node2", phase: "connect" });
});

test("one of three hosts is down", async () => {
  await bed.do("crash", 2);
  try {
    const error = await failure();
    expect(error).toMatchObject({ host: "node2", phase: "connect" });
  } finally {
    await bed.restart(2);
  }
});

test("a host hangs at login", async () => {
  const sshd = await bed.sshd(2);
  for (const pid of sshd) process.kill(pid, "SIGSTOP");
  try {
    const error = await failure();
    expect(error).toMatchObject({ host: "node2", phase: "connect" });
    expect(error.message).toContain("did not begin to speak ssh");
  } finally {
    for (const pid of sshd) process.kill(pid, "SIGCONT");
  }
});

test("a key that the host doesn't let in", async () => {
  const other = `Host node2\n  IdentityFile ${bed.state}/other_key\nHost node1 node3\n  IdentityFile ${bed.state}/user_key\n`;
  withSshConfig((text) => other + text.replace(/^ *IdentityFile .*\n/m, ""));
  const error = await failure();
  expect(error).toMatchObject({ host: "node2", phase: "authenticate" });
});

test("an unknown host key", async () => {
  withKnownHosts((text) => text.replace(/^\[node2\].*\n/m, ""));
  const error = await failure();
  expect(error).toMatchObject({ host: "node2", phase: "host key" });
  expect(error.message).toContain("SHA256:");
});

test("an unknown host key, where ssh's own configuration would take any", async () => {
  withKnownHosts((text) => text.replace(/^\[node2\].*\n/m, ""), "  StrictHostKeyChecking no\n");
  expect(await failure()).toMatchObject({ host: "node2", phase: "host key" });
});

test("a host key that has changed, also where new ones are accepted", async () => {
  const [type, key] = readFileSync(`${bed.state}/other_key.pub`, "utf8").split(" ");
  withKnownHosts((text) => text.replace(/^(\[node2\]\S*) .*$/m, `$1 ${type} ${key}`));
  for (const acceptNewHostKeys of [false, true]) {
    const error = await failure({}, { acceptNewHostKeys });
    expect(error).toMatchObject({ host: "node2", phase: "host key" });
  }
});

test("no Node", async () => {
  expect(await failure({ nodeExecutable: "/nowhere/node" })).toMatchObject({ host: "node2", phase: "find node" });
});

test("a Node that is too old", async () => {
  writeFileSync(`${bed.state}/old_node`, "#!/bin/sh\necho v18.20.4\n", { mode: 0o755 });
  const error = await failure({ nodeExecutable: `${bed.state}/old_node` });
  expect(error).toMatchObject({ host: "node2", phase: "check versions" });
  expect(error.message).toContain("v18.20.4");
});

test("the project is not there", async () => {
  await bed.do("files", 2, "mount", "-t", "tmpfs", "none", project);
  try {
    const error = await failure();
    expect(error).toMatchObject({ host: "node2", phase: "check versions" });
    expect(error.message).toContain(project);
  } finally {
    await bed.do("files", 2, "umount", project);
  }
});

test("another version of this package", async () => {
  const manifest = readFileSync(`${project}/package.json`, "utf8").replace(/"version": "[^"]*"/, '"version": "0.0.7"');
  writeFileSync(`${bed.state}/other_package.json`, manifest);
  await bed.do("files", 2, "mount", "--bind", `${bed.state}/other_package.json`, `${project}/package.json`);
  try {
    const error = await failure();
    expect(error).toMatchObject({ host: "node2", phase: "check versions" });
    expect(error.message).toContain("0.0.7");
  } finally {
    await bed.do("files", 2, "umount", `${project}/package.json`);
  }
});

describe("a firewall between the host and the driver's port", () => {
  beforeAll(() => bed.do("block-port", 2));
  afterAll(() => bed.do("open-port", 2));

  test("is told apart, and the remedy is named", async () => {
    const error = await failure();
    expect(error).toMatchObject({ host: "node2", phase: "call back" });
    expect(error.message).toContain("tunnel: true");
    expect(error.message).toContain("it could not reach rank 0 within 4 s");
    expect(error.message).toContain(await bed.driverAddress()); // what the host tried, in its own words
  });

  test("a tunnel goes round it", async () => {
    const options = { hosts: bed.hosts as string[], perNodeCores: 1, logLevel: "silent", connectTimeoutS } as const;
    await using cluster = await launchCluster({ ...options, tunnel: true });
    expect(cluster.size).toBe(4);
  });
});

test("a host behind a jump host finds rank 0 by itself", async () => {
  const hosts = [{ host: "node3", jump: "node1" }];
  await using cluster = await launchCluster({ hosts, perNodeCores: 1, logLevel: "silent", connectTimeoutS });
  expect(cluster.size).toBe(2);
});

test("a tunnel that the host's sshd forbids", async () => {
  await bed.do("no-forwarding", 2);
  try {
    const error = await failure({}, { tunnel: true });
    expect(error).toMatchObject({ host: "node2", phase: "call back" });
    expect(error.message).toContain("AllowTcpForwarding");
  } finally {
    await bed.do("forwarding", 2);
  }
});
