/** Launching by ssh, against an ssh server in this process whose commands run in a real shell: what works, and how each phase fails. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { availableParallelism, hostname } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { PreparedHost } from "../../src/launch/launcher.ts";
import { quoted } from "../../src/launch/ssh/remote-script.ts";
import { packageVersion } from "../../src/package-version.ts";
import { closedPort } from "../support/closed-port.ts";
import { Bench, hostKey, refusal, settings, spec } from "./fixtures/bench.ts";
import { newKey } from "./fixtures/new-key.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

/** Starts the prepared host; `printed(n)` waits for n lines. */
async function start(prepared: PreparedHost) {
  const lines: string[] = [];
  let wake = () => {};
  const process = await prepared.start(settings, {
    output: (stream, line) => {
      lines.push(`${stream}: ${line.trimEnd()}`);
      wake();
    },
  });
  const printed = async (count: number): Promise<string[]> => {
    while (lines.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return lines;
  };
  return { process, printed };
}

describe("a host that can be reached", () => {
  test("is asked what it is, gets its settings on stdin, and ends when stdin does", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec({ env: { SECRET: "xyz", A: "it's" } }));
    expect(prepared.probe).toMatchObject({ hostname: "there", cores: 3, clientAddress: "127.0.0.1", jumps: 0 });
    expect(prepared.probe.localAddress).toBe("127.0.0.1");
    expect(Math.abs(prepared.probe.clockOffsetMs)).toBeLessThan(60_000);
    const { process: hostProcess, printed } = await start(prepared);
    expect(hostProcess.pid).toBe(server.children[0]!.pid); // every shell became the next, and the last one Node
    const lines = await printed(3);
    expect(lines).toContain(`stdout: --announce in ${process.cwd()}`);
    expect(lines).toContain("stderr: a warning");
    const line = lines.find((each) => each.startsWith("stdout: {"))!;
    expect(JSON.parse(line.slice("stdout: ".length))).toEqual({
      ...JSON.parse(JSON.stringify(settings)),
      env: { SECRET: "xyz", A: "it's" },
    });
    await hostProcess.end(5000);
    expect(await hostProcess.exited).toEqual({ code: 0, signal: null, lastOutput: "a warning" });
    expect(server.children[0]!.exitCode).toBe(0);
    await hostProcess.end(5000); // again: nothing happens
  });

  test("sees no setting in a command line or an environment", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec({ env: { SECRET: "xyz" } }));
    const { pid } = server.children[0]!;
    const seen = ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "latin1")).join();
    await prepared.abort();
    expect(seen).toContain("host-main.js");
    expect(seen).not.toMatch(/SECRET|xyz|endpoint/);
  });

  test("is logged in to by two round trips: which key, and its signature", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    await (await bench.launcher().prepare(spec())).abort();
    expect(server.logins).toEqual(["publickey", "publickey"]);
  });

  test("that lets in without a key is logged in to when it wants none of those there are", async () => {
    const server = await bench.server({ authorized: [newKey().public], letsInAnyway: true });
    bench.configure([server.port]);
    await (await bench.launcher().prepare(spec())).abort();
    expect(server.logins).toEqual(["publickey", "none"]);
  });

  test("is let go of by abort, and its process ends", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec());
    await prepared.abort();
    expect(server.children.map(({ exitCode }) => exitCode)).toEqual([0]);
    await expect(prepared.start(settings, { output: () => {} })).rejects.toMatchObject({ phase: "start" });
  });

  test("is worked on in its working directory, by the Node that is named", async () => {
    const server = await bench.server({ environment: { HOME: bench.path("home") } });
    bench.configure([server.port]);
    symlinkSync(process.execPath, bench.path("home/my node's"));
    const host = spec({ workingDir: bench.folder, nodeExecutable: "~/my node's" });
    const { process: hostProcess, printed } = await start(await bench.launcher().prepare(host));
    expect(await printed(3)).toContain(`stdout: --announce in ${bench.folder}`);
    await hostProcess.end(5000);
  });

  test("with a greeting in its shell's start-up files is understood all the same", async () => {
    const noisy = bench.write(
      "noisy",
      "#!/bin/sh\nprintf 'Welcome! @ you\\nno line end '\nexec /bin/sh \"$@\"\n",
      0o755,
    );
    bench.write("bin/sh", readFileSync(noisy, "utf8"), 0o755);
    const server = await bench.server({ environment: { PATH: `${bench.path("bin")}:${process.env.PATH}` } });
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec());
    await prepared.abort();
    expect(prepared.probe.hostname).toBe("there");
  });

  test("that loses its connection says so", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const { process: hostProcess } = await start(await bench.launcher().prepare(spec()));
    server.cut();
    const exit = await hostProcess.exited;
    expect(exit).toMatchObject({ code: null, signal: null });
    expect(exit.connectionLost).toMatch(/^the ssh connection was lost: .*(ECONNRESET|closed)/);
    expect(exit.lastOutput).toContain("the ssh connection was lost");
  });

  test("whose process is killed tells by which signal", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const { process: hostProcess } = await start(await bench.launcher().prepare(spec()));
    server.children[0]!.kill("SIGKILL");
    expect(await hostProcess.exited).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  test("opens a tunnel to this machine", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec());
    const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const { host, port } = await prepared.tunnel!(echo.address() as unknown as { host: string; port: number });
    const socket = net.connect(port, host);
    socket.write("through");
    expect(String((await once(socket, "data"))[0])).toBe("through");
    socket.destroy();
    echo.close();
    await prepared.abort();
  });

  test("that forbids tunnels says so", async () => {
    const server = await bench.server({ refusesForwarding: true });
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec());
    await expect(prepared.tunnel!({ path: "/nowhere" })).rejects.toMatchObject({
      phase: "call back",
      message: expect.stringMatching(/^could not start node1: its ssh server does not open a tunnel/),
    });
    await prepared.abort();
  });
});

describe("finding Node", () => {
  const tools = ["sh", "ls", "sed", "sort", "grep", "head", "tail", "uname"];
  /** An environment whose PATH has the usual tools and no Node. */
  function bare(): NodeJS.ProcessEnv {
    const where = (tool: string) => `#!/bin/sh\nexec /usr/bin/env PATH=/usr/bin:/bin ${tool} "$@"\n`;
    for (const tool of tools.slice(1)) bench.write(`tools/${tool}`, where(tool), 0o755);
    symlinkSync("/bin/sh", bench.path("tools/sh"));
    return { PATH: bench.path("tools"), HOME: bench.path("home"), SHELL: "/bin/sh", NVM_DIR: "", FNM_DIR: "" };
  }
  const says = (version: string) =>
    `#!/bin/sh\n[ "$1" = -v ] && { echo ${version}; exit; }\nexec '${process.execPath}' "$@"\n`;

  test("the newest that nvm has, where PATH has none", async () => {
    const server = await bench.server({ environment: bare() });
    bench.configure([server.port]);
    for (const version of ["v9.1.0", "v20.2.0", "v22.10.0", "v22.9.1", "v22.10.0-rc.1"])
      bench.write(`home/.nvm/versions/node/${version}/bin/node`, says(version), 0o755);
    bench.write(
      "home/.nvm/versions/node/v22.10.0/bin/node",
      `${says("v22.10.0").replace("exec", "MARK=22.10 exec")}`,
      0o755,
    );
    const prepared = await bench.launcher().prepare(spec());
    const seen = readFileSync(`/proc/${server.children[0]!.pid}/environ`, "latin1");
    await prepared.abort();
    expect(seen).toContain("MARK=22.10");
  });

  test("a newer one elsewhere, where the one on PATH is too old", async () => {
    const server = await bench.server({ environment: bare() });
    bench.configure([server.port]);
    bench.write("tools/node", says("v18.19.0"), 0o755);
    bench.write("home/.volta/tools/image/node/20.11.0/bin/node", says("v20.11.0"), 0o755);
    const prepared = await bench.launcher().prepare(spec());
    await prepared.abort();
    expect(prepared.probe.hostname).toBe("there");
  });

  test("by a login shell for a name that PATH does not have", async () => {
    const environment = bare();
    bench.write("elsewhere/node-21", says("v21.0.0"), 0o755);
    bench.write("home/.profile", `PATH=${bench.path("elsewhere")}:$PATH\n`);
    const server = await bench.server({ environment });
    bench.configure([server.port]);
    const prepared = await bench.launcher().prepare(spec({ nodeExecutable: "node-21" }));
    await prepared.abort();
    expect(prepared.probe.hostname).toBe("there");
  });

  test("none at the path that was named", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const error = await refusal(bench.launcher(), spec({ nodeExecutable: "/nowhere/node" }));
    expect(error.phase).toBe("find node");
    expect(error.message).toBe(
      'could not start node1: no Node.js was found on that host. Install Node.js 20 or newer there, or set "nodeExecutable" to where it is. Looked only for /nowhere/node.',
    );
  });

  test("one that is too old, and one that does not run", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const old = bench.write("old node", says("v18.19.0"), 0o755);
    const error = await refusal(bench.launcher(), spec({ nodeExecutable: old }));
    expect(error.phase).toBe("check versions");
    expect(error.message).toContain(`Node is too old on that host, 20 or newer is needed (${old} is v18.19.0)`);
    const broken = bench.write("broken", "#!/bin/sh\nexit 1\n", 0o755);
    const other = await refusal(bench.launcher(), spec({ nodeExecutable: broken }));
    expect(other.phase).toBe("find node");
    expect(other.message).toContain(`(${broken} does not run)`);
  });
});

test("every text reaches the host's shell as it is", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 30 }).map((each) => each.replaceAll("\0", ""));
  const tricky = ["'", "\\", "$HOME `id` $(id)", "!x", "a\nb", "", "-n", '"', "'\\''"];
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), (texts) => {
      const all = [...tricky, ...texts];
      const script = `printf '%s\\0' ${all.map(quoted).join(" ")}`;
      const { stdout } = spawnSync("sh", ["-s"], { input: script, encoding: "utf8" });
      expect(stdout).toBe(all.map((each) => `${each}\0`).join(""));
    }),
    { numRuns: 10 },
  );
});

describe("each phase fails in its own words", () => {
  test("resolve: a name that nobody knows", async () => {
    bench.configure([]);
    const error = await refusal(bench.launcher(), spec({ address: "no-such-host.invalid" }), "ranks 1 and 2 on node1");
    expect(error.phase).toBe("resolve");
    expect(error.host).toBe("node1");
    expect(error.message).toMatch(
      /^could not start ranks 1 and 2 on node1: the name no-such-host.invalid was not found after \d+\.\d s \((ENOTFOUND|EAI_AGAIN)\)\. Check how/,
    );
  });

  test("resolve: a broken ssh configuration, and one that needs a ProxyCommand", async () => {
    bench.configure([1]);
    bench.write("ssh_config", "Hots *\n");
    const broken = await refusal(bench.launcher());
    expect(broken.phase).toBe("resolve");
    expect(broken.message).toMatch(
      /ssh's configuration for node1 can't be used: .*line 1: Bad configuration option: hots/,
    );
    bench.configure([1], { extra: "Host node1\n  ProxyCommand nc %h %p\n" });
    const command = await refusal(bench.launcher());
    expect(command.message).toContain("by a ProxyCommand (nc ");
  });

  test("connect: refused", async () => {
    const port = await closedPort();
    bench.configure([port]);
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("connect");
    expect(error.message).toMatch(
      new RegExp(
        `^could not start node1: 127.0.0.1 port ${port} refused the connection after \\d\\.\\d s\\. Check that sshd runs there .* "ssh -F .*ssh_config node1 true" works\\.$`,
      ),
    );
  });

  test("connect: a host that hangs before its greeting", async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    // Without an ssh program to ask: that could take longer.
    const launcher = bench.launcher({ connectTimeoutS: 0.2, sshProgram: bench.path("none") });
    const error = await refusal(launcher, spec({ address: "127.0.0.1", port }));
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(error.phase).toBe("connect");
    expect(error.message).toContain(
      `port ${port} accepted the connection, but did not begin to speak ssh within 0.2 s. Check`,
    );
  });

  test("connect: dropped for ever; dropped twice is overcome", async () => {
    const server = await bench.server({ drops: () => true });
    bench.configure([server.port]);
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("connect");
    expect(error.message).toContain(`127.0.0.1 port ${server.port} broke off the handshake`);
    expect(server.accepted).toBe(4);
    const better = await bench.server({ drops: (count) => count <= 2 });
    bench.configure([better.port]);
    const prepared = await bench.launcher().prepare(spec());
    await prepared.abort();
    expect(better.accepted).toBe(3);
  });

  test("host key: unknown, with its fingerprint and how to add it", async () => {
    const server = await bench.server();
    bench.configure([server.port], { known: "" });
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("host key");
    expect(error.message).toMatch(
      new RegExp(
        `the host key of \\[127.0.0.1\\]:${server.port} is unknown, it sent the ED25519 key SHA256:[A-Za-z0-9+/]{43}\\.`,
      ),
    );
    expect(error.message).toContain(`ssh-keyscan -p ${server.port} 127.0.0.1 >> ${bench.knownHosts}`);
    expect(server.children).toEqual([]);
  });

  test("host key: another than the one that is known, with file and line, even when new ones are accepted", async () => {
    const server = await bench.server();
    bench.configure([server.port], { known: `# a comment\n[127.0.0.1]:${server.port} ${newKey().public}\n` });
    for (const acceptNewHostKeys of [false, true]) {
      const error = await refusal(bench.launcher({ acceptNewHostKeys }));
      expect(error.phase).toBe("host key");
      expect(error.message).toContain(`the host key of [127.0.0.1]:${server.port} has changed`);
      expect(error.message).toContain(`${bench.knownHosts}:2 (ED25519 SHA256:`);
      expect(error.message).toContain(`ssh-keygen -R "[127.0.0.1]:${server.port}" -f ${bench.knownHosts}`);
    }
  });

  test("host key: revoked, even when new ones are accepted", async () => {
    const server = await bench.server();
    bench.configure([server.port], { known: `@revoked * ${hostKey.public}\n` });
    const error = await refusal(bench.launcher({ acceptNewHostKeys: true }));
    expect(error.phase).toBe("host key");
    expect(error.message).toContain(`which ${bench.knownHosts}:1 marks as revoked`);
  });

  test("authenticate: a key that the host does not want", async () => {
    const server = await bench.server({ authorized: [newKey().public] });
    bench.configure([server.port]);
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("authenticate");
    expect(error.message).toMatch(
      /^could not start node1: authentication failed after \d\.\d s \(tried .*user_key\)\. Check that "ssh -F .* node1 true" works without a password, as user tester\.$/,
    );
  });

  test("authenticate: no key at all, and one that was named but is not there", async () => {
    const server = await bench.server();
    bench.configure([server.port], { extra: `IdentityFile ${bench.path("none")}\n` });
    bench.write("user_key", "not a key", 0o600);
    const error = await refusal(bench.launcher(), spec({ identityFile: bench.path("missing") }));
    expect(error.phase).toBe("authenticate");
    expect(error.message).toContain("there is no key to offer");
    expect(error.message).toMatch(
      /\(tried .*missing does not exist, .*user_key can't be used: Unsupported key format\)/,
    );
  });

  test("find node: a server that runs no commands", async () => {
    const server = await bench.server({ refusesCommands: true });
    bench.configure([server.port]);
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("find node");
    expect(error.message).toContain("its ssh server did not run a command");
  });

  test("find node: a search that hangs", async () => {
    const waits = `#!/bin/sh\nwhile [ -e "$0" ]; do sleep 0.1; done\n`;
    const hanging = bench.write("hanging", waits, 0o755);
    const server = await bench.server();
    bench.configure([server.port]);
    const error = await refusal(bench.launcher({ connectTimeoutS: 3 }), spec({ nodeExecutable: hanging }));
    rmSync(hanging); // lets it go
    expect(error.phase).toBe("find node");
    expect(error.message).toContain("no Node was found within 3 s");
  });

  test("check versions: no such project, working directory or package version", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const hostMain = bench.path("elsewhere/dist/host/host-main.js");
    const missing = await refusal(bench.launcher({ hostMain }));
    expect(missing.phase).toBe("check versions");
    expect(missing.message).toContain(
      `there is no ${hostMain} on that host. The project must have the same path on every host`,
    );
    const folder = await refusal(bench.launcher(), spec({ workingDir: "/no/such folder" }));
    expect(folder.phase).toBe("check versions");
    expect(folder.message).toContain("there is no folder /no/such folder on that host");
    const old = await refusal(bench.launcher({ hostMain: bench.project("old", "0.0.9") }));
    expect(old.phase).toBe("check versions");
    expect(old.message).toContain(
      `mpits 0.0.9 is installed on that host in ${bench.path("old/package.json")}, and ${packageVersion()} here`,
    );
  });

  test("start: a host process that ends before it is ready, with its last output", async () => {
    const server = await bench.server({ environment: { FAIL: "yes" } });
    bench.configure([server.port]);
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("start");
    expect(error.message).toContain("its host process ended with exit code 3 before it was ready");
    expect(error.message).toMatch(/Its last output:\ncannot load the thing$/);
    expect(error.lastOutput).toBe("cannot load the thing");
  });

  test("a launch that is given up leaves nothing running", async () => {
    const server = await bench.server();
    bench.configure([server.port]);
    const giveUp = new AbortController();
    const hostMain = bench.write(
      "slow/dist/host/host-main.js",
      "process.stdin.on('end', () => process.exit(0)).resume()",
    );
    bench.write("slow/package.json", `{\n  "version": "${packageVersion()}"\n}`);
    const launching = bench.launcher({ hostMain }).prepare(spec(), { signal: giveUp.signal });
    const child = await Promise.race([server.ran, launching]);
    const ended = once(child as ChildProcess, "exit");
    giveUp.abort(new Error("another host failed"));
    await expect(launching).rejects.toThrow("another host failed");
    await ended;
    const early = bench.launcher().prepare(spec(), { signal: AbortSignal.abort(new Error("before it began")) });
    await expect(early).rejects.toThrow("before it began");
    expect(server.children).toHaveLength(1);
  });
});

test("the host process of the built package says what it is, and ends with its stdin", async () => {
  const server = await bench.server();
  bench.configure([server.port]);
  const hostMain = fileURLToPath(new URL("../../dist/host/host-main.js", import.meta.url));
  const prepared = await bench.launcher({ hostMain }).prepare(spec());
  expect(prepared.probe).toMatchObject({
    hostname: hostname(),
    pid: server.children[0]!.pid,
    nodeVersion: process.version,
    architecture: process.arch,
    packageVersion: packageVersion(),
    cores: availableParallelism(),
    clientAddress: "127.0.0.1",
  });
  await prepared.abort();
  expect(server.children[0]!.exitCode).toBe(0);
});

test("a new host key is written down once it is accepted, and known the next time", async () => {
  const server = await bench.server();
  bench.configure([server.port], { known: "# no line end" });
  await (await bench.launcher({ acceptNewHostKeys: true }).prepare(spec())).abort();
  const [type, key] = hostKey.public.split(" ");
  expect(readFileSync(bench.knownHosts, "utf8")).toBe(`# no line end\n[127.0.0.1]:${server.port} ${type} ${key}\n`);
  await (await bench.launcher().prepare(spec())).abort();
});
