/** `checkCluster` and `mpits check` on real host processes: of this machine, and behind an ssh server in this process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type CheckedHost, type CheckReport, checkCluster } from "mpits";
import { Bench, hostKey } from "../launch/fixtures/bench.ts";
import { newKey } from "../launch/fixtures/new-key.ts";
import { closedPort } from "../support/closed-port.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  process.env.MPITS_SSH_CONFIG = bench.configFile;
});
afterEach(async () => {
  delete process.env.MPITS_SSH_CONFIG;
  await bench.close();
});

const states = ({ phases }: CheckedHost) => Object.fromEntries(phases.map(({ phase, state }) => [phase, state]));

function expectMeasured({ machine, line }: CheckedHost): void {
  expect(machine).toMatchObject({
    nodeVersion: process.version,
    architecture: process.arch,
    platform: process.platform,
  });
  expect(machine!.cores).toBeGreaterThan(0);
  expect(line!.roundTripMs).toBeGreaterThan(0);
  expect(Math.abs(line!.clockOffsetMs)).toBeLessThanOrEqual(line!.clockUncertaintyMs); // it is the same clock
  expect(line!.toHostBytesPerS).toBeGreaterThan(0);
  expect(line!.fromHostBytesPerS).toBeGreaterThan(0);
}

test("without hosts, this machine is checked", async () => {
  const { ok, hosts } = await checkCluster({ perNodeCores: 2 });
  expect(ok).toBe(true);
  expect(hosts).toHaveLength(1);
  expect(hosts[0]).toMatchObject({
    launcher: "driver",
    ranks: [0, 1],
    problem: null,
    phases: [{ phase: "work", state: "ok" }],
  });
  expectMeasured(hosts[0]!);
});

test("hosts that can be used are measured, and each that can't says how far it came and what to try", async () => {
  const [good, locked] = [await bench.server(), await bench.server({ authorized: [newKey().public] })];
  const ports = [good.port, await closedPort(), locked.port, good.port];
  const known = [good.port, locked.port].map((port) => `[127.0.0.1]:${port} ${hostKey.public}\n`).join("");
  bench.configure(ports, { known });
  const { ok, hosts } = await checkCluster({
    hosts: [
      { host: "node1", slots: 2 },
      "node2",
      "node3",
      { host: "node4", nodeExecutable: "/nowhere/node" },
      { host: "localhost", slots: 1 },
      { host: "localhost", slots: 1, nodeExecutable: "/nowhere/node" },
    ],
  });
  expect(ok).toBe(false);
  const [own, node1, node2, node3, node4, local, broken] = hosts;
  for (const host of [own, node1, local]) {
    expect(host!.problem).toBeNull();
    expectMeasured(host!);
  }
  expect(new Set(Object.values(states(node1!)))).toEqual(new Set(["ok"]));
  expect(states(node2!)).toMatchObject({ resolve: "ok", connect: "failed", "host key": "skipped", work: "skipped" });
  expect(node2!.problem!.remedy).toMatch(/^Check that sshd runs there/);
  expect(node2!.problem!.message).toContain(node2!.problem!.remedy);
  expect(states(node3!)).toMatchObject({ "host key": "ok", authenticate: "failed", "find node": "skipped" });
  expect(node3!.problem!.remedy).toMatch(/^Check that "ssh .*" works without a password/);
  expect(states(node4!)).toMatchObject({ authenticate: "ok", "find node": "failed", start: "skipped" });
  expect(node4!.machine).toBeNull();
  expect(states(broken!)).toEqual({ start: "failed", "call back": "skipped", work: "skipped" });
  await good.idle(); // nothing is left
});

test("a host that can't call back is told from one that can", async () => {
  const [open, closed] = [await bench.server(), await bench.server({ refusesForwarding: true })];
  bench.configure([open.port, closed.port]);
  const { hosts } = await checkCluster({ hosts: ["node[1-2]"], perNodeCores: 1, tunnel: true });
  const [, node1, node2] = hosts;
  expectMeasured(node1!);
  expect(states(node2!)).toMatchObject({ start: "ok", "call back": "failed", work: "skipped" });
  expect(node2!.machine).toMatchObject({ nodeVersion: process.version }); // so much is known
  await closed.idle();
});

test("a host whose ranks can't work is told from one that can", async () => {
  const poison = bench.write("poison.cjs", "if (!require('worker_threads').isMainThread) process.exit(3);");
  const node = bench.write("node", `#!/bin/sh\nexec '${process.execPath}' --require ${poison} "$@"\n`, 0o755);
  const { hosts } = await checkCluster({
    hosts: [
      { host: "localhost", slots: 1, nodeExecutable: node },
      { host: "localhost", slots: 1 },
    ],
  });
  expect(states(hosts[1]!)).toEqual({ start: "ok", "call back": "ok", work: "failed" });
  expect(hosts[1]!.problem!.message).toMatch(/^localhost came up, but .*process\.exit\(3\)/);
  expect(hosts[2]!.problem).toBeNull();
  expectMeasured(hosts[2]!);
});

test("a wrong option is no finding but an error", async () => {
  await expect(checkCluster({ hosts: "node1" as never })).rejects.toMatchObject({ code: "MPITS_USAGE" });
  const server = await bench.server();
  bench.configure([server.port]);
  await expect(checkCluster({ hosts: ["node1"], bind: "no.such.interface" })).rejects.toMatchObject({
    code: "MPITS_USAGE",
  });
  await server.idle();
});

describe("mpits check", () => {
  async function run(...args: string[]) {
    const main = fileURLToPath(new URL("../../dist/cli/main.cjs", import.meta.url));
    const child = spawn(process.execPath, [main, "check", ...args], { env: { ...process.env, NO_COLOR: "1" } });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [code] = (await once(child, "close")) as [number];
    return { code, stdout, stderr };
  }

  test("exit code 0 when all is fine, with a table", async () => {
    const { code, stdout, stderr } = await run("--hosts", "localhost", "-n", "1");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^host .*\n.*\nlocalhost .*✓ 1 /);
    expect(stdout).toContain("all 2 hosts can compute, with 2 ranks");
  });

  test("exit code 1 when something is wrong, as JSON in one line", async () => {
    bench.configure([await closedPort()]);
    const { code, stdout } = await run("--hosts", "node1", "-n", "1", "--json");
    expect(code).toBe(1);
    expect(stdout.trimEnd()).not.toContain("\n");
    const report = JSON.parse(stdout) as CheckReport;
    expect(report.hosts[1]!.problem!.phase).toBe("connect");
  });

  test("exit code 2 for wrong usage", async () => {
    expect(await run("--hosts", "a b")).toMatchObject({ code: 2, stdout: "" });
    expect(await run("--colour")).toMatchObject({ code: 2, stdout: "" });
  });
});
