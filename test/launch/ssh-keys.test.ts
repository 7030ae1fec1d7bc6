/** Logging in: agents, encrypted keys, jump hosts, and how many at once. */
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import ssh2, { type AgentInboundRequest, type ParsedKey } from "ssh2";
import { Handshakes } from "../../src/launch/ssh/handshakes.ts";
import { publicPartOf } from "../../src/launch/ssh/private-key.ts";
import { parseJump, parseSshOptions } from "../../src/launch/ssh/ssh-target.ts";
import { Trouble } from "../../src/launch/ssh/trouble.ts";
import { Bench, hostKey, refusal, spec, userKey } from "./fixtures/bench.ts";
import { newKey } from "./fixtures/new-key.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const encrypted = newKey({ passphrase: "open" });

async function reached(options: Parameters<Bench["launcher"]>[0] = {}, host = spec()): Promise<void> {
  await (await bench.launcher(options).prepare(host)).abort();
}

describe("an encrypted key", () => {
  test("without anybody to ask is an error that names it and the agent", async () => {
    const server = await bench.server({ authorized: [encrypted.public] });
    bench.configure([server.port]);
    const path = bench.write("user_key", encrypted.private, 0o600);
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("authenticate");
    expect(error.message).toMatch(
      /authentication failed after \d\.\d s \(tried .*user_key\): the host would accept .*user_key, but it is encrypted\./,
    );
    expect(error.message).toContain(`Load that key into an agent ("ssh-add ${path}")`);
  });

  test("is asked for once, by path, for several hosts; a wrong answer is asked again", async () => {
    const server = await bench.server({ authorized: [encrypted.public] });
    bench.configure([server.port, server.port]);
    const path = bench.write("user_key", encrypted.private, 0o600);
    const asked: [string, number][] = [];
    const launcher = bench.launcher({
      connectTimeoutS: 5,
      askPassphrase: async (file, attempt) => {
        asked.push([file, attempt]);
        return attempt === 1 ? "wrong" : "open";
      },
    });
    const prepared = await Promise.all([
      launcher.prepare(spec()),
      launcher.prepare(spec({ name: "node2", address: "node2" })),
    ]);
    await Promise.all(prepared.map((host) => host.abort()));
    expect(asked).toEqual([
      [path, 1],
      [path, 2],
    ]);
  });

  test("is not asked for when the host does not want it", async () => {
    const server = await bench.server({ authorized: [newKey().public] });
    bench.configure([server.port]);
    bench.write("user_key", encrypted.private, 0o600);
    const askPassphrase = () => Promise.reject(new Error("asked"));
    const error = await refusal(bench.launcher({ askPassphrase }));
    expect(error.message).toMatch(/authentication failed after \d\.\d s \(tried .*user_key\)\. Check that/);
  });

  test("is given up after three wrong answers, and when nobody wants to say", async () => {
    const server = await bench.server({ authorized: [encrypted.public] });
    bench.configure([server.port]);
    bench.write("user_key", encrypted.private, 0o600);
    const wrong = await refusal(bench.launcher({ askPassphrase: async () => "wrong" }));
    expect(wrong.message).toContain("but the passphrase given for it was wrong");
    const silent = await refusal(bench.launcher({ askPassphrase: async () => undefined }));
    expect(silent.message).toContain("but it is encrypted");
  });

  test("is not asked for again, for the next host, when nobody wanted to say", async () => {
    const server = await bench.server({ authorized: [encrypted.public] });
    bench.configure([server.port, server.port]);
    bench.write("user_key", encrypted.private, 0o600);
    let asked = 0;
    const launcher = bench.launcher({
      askPassphrase: async () => {
        asked += 1;
        return undefined;
      },
    });
    for (const name of ["node1", "node2"])
      expect((await refusal(launcher, spec({ name, address: name }))).message).toContain("but it is encrypted");
    expect(asked).toBe(1);
  });

  test("shows its public part without its passphrase, and nothing when it is damaged", () => {
    const whole = (ssh2.utils.parseKey(encrypted.public) as ParsedKey).getPublicSSH();
    expect(publicPartOf(encrypted.private)).toEqual(whole);
    expect(publicPartOf("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----")).toBeUndefined();
    const [begin, ...lines] = encrypted.private.trim().split("\n");
    const bytes = Buffer.from(lines.slice(0, -1).join(""), "base64");
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(bytes.length - 1), fc.nat(255), (length, at, value) => {
        const damaged = Buffer.from(bytes.subarray(0, length));
        if (at < length) damaged[at] = value;
        const part = publicPartOf([begin, damaged.toString("base64"), lines.at(-1)].join("\n"));
        return part === undefined || part.length <= length;
      }),
    );
  });
});

describe("an agent", () => {
  /** An agent with these keys; counts what it signed. */
  async function agent(keys: readonly (string | ParsedKey)[]) {
    const folder = mkdtempSync(join(tmpdir(), "mpits-agent-"));
    const parsed = keys.map((key) => ssh2.utils.parseKey(key) as ParsedKey);
    const seen = { signed: 0 };
    const server = net.createServer((socket) => {
      const protocol = new ssh2.AgentProtocol(false);
      protocol.on("identities", (request: AgentInboundRequest) => protocol.getIdentitiesReply(request, parsed));
      protocol.on("sign", (request: AgentInboundRequest, publicKey: ParsedKey, data: Buffer) => {
        seen.signed++;
        const key = parsed.find((each) => each.getPublicSSH().equals(publicKey.getPublicSSH()))!;
        protocol.signReply(request, key.sign(data));
      });
      socket.on("error", () => {});
      socket.pipe(protocol).pipe(socket);
    });
    const path = join(folder, "agent");
    await new Promise<void>((resolve) => server.listen(path, resolve));
    atEnd.push(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    return { path, seen };
  }
  const atEnd: (() => void)[] = [];
  afterEach(() => {
    for (const end of atEnd.splice(0)) end();
  });
  const agentLine = (path: string) => `IdentityAgent ${path}\nIdentitiesOnly no\n`;

  test("signs for a key that is in no file", async () => {
    const { path, seen } = await agent([newKey().private, userKey.private]);
    const server = await bench.server();
    bench.configure([server.port], { extra: agentLine(path) });
    bench.write("user_key", newKey().private, 0o600);
    await reached();
    expect(seen.signed).toBe(1);
  });

  test("that is named by SSH_AUTH_SOCK does too, and signs for an encrypted file", async () => {
    const decrypted = ssh2.utils.parseKey(encrypted.private, "open") as ParsedKey;
    const { path, seen } = await agent([decrypted]);
    const server = await bench.server({ authorized: [encrypted.public] });
    bench.configure([server.port], { extra: "IdentityAgent SSH_AUTH_SOCK\n" });
    bench.write("user_key", encrypted.private, 0o600);
    await reached({ environment: { SSH_AUTH_SOCK: path } }); // IdentitiesOnly: of the agent's keys only those of files
    expect(seen.signed).toBe(1);
  });

  test("with other keys only is not used under IdentitiesOnly, and what was tried is told", async () => {
    const { path, seen } = await agent([userKey.private]);
    const server = await bench.server();
    bench.configure([server.port], { extra: `IdentityAgent ${path}\n` });
    bench.write("user_key", newKey().private, 0o600);
    const error = await refusal(bench.launcher());
    expect(error.message).toMatch(/\(tried agent \(1 key\), .*user_key\)/);
    expect(seen.signed).toBe(0);
  });

  test("that does not answer is told", async () => {
    const server = await bench.server({ authorized: [newKey().public] });
    bench.configure([server.port], { extra: "IdentityAgent /nowhere/agent\n" });
    expect((await refusal(bench.launcher())).message).toContain("tried agent (none answers at /nowhere/agent), ");
  });
});

test.each(["ed25519", "ecdsa", "rsa"] as const)("keys of type %s, of hosts and of users", async (type) => {
  const make = () =>
    type === "ed25519"
      ? newKey()
      : ssh2.utils.generateKeyPairSync(type as "rsa", { bits: type === "rsa" ? 2048 : 256 });
  const [own, user] = [make(), make()];
  // The host has a key of another type too, and only this one is known: it must be asked for.
  const other = type === "ed25519" ? ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }) : hostKey;
  const server = await bench.server({ hostKeys: [other.private, own.private], authorized: [user.public] });
  bench.configure([server.port], { known: `[127.0.0.1]:${server.port} ${own.public}` });
  bench.write("user_key", user.private, 0o600);
  await reached();
});

test("without an ssh program, the host's entry and the usual defaults hold", async () => {
  const server = await bench.server();
  const identityFile = bench.path("user_key");
  const host = spec({ address: "127.0.0.1", port: server.port, user: "tester", identityFile });
  const error = await refusal(bench.launcher({ sshProgram: "/nowhere/ssh" }), host);
  expect(error.phase).toBe("host key");
  expect(error.message).toMatch(new RegExp(`ssh-keyscan -p ${server.port} 127.0.0.1 >> /.*/\\.ssh/known_hosts`));
});

describe("jump hosts", () => {
  test("are gone through one after the other, each with its own check", async () => {
    const [node, inner, outer] = [await bench.server(), await bench.server(), await bench.server()];
    bench.configure([node.port, inner.port, outer.port]);
    const prepared = await bench.launcher().prepare(spec({ jump: "node3,node2" }));
    expect(prepared.probe.jumps).toBe(2);
    expect([node.accepted, inner.accepted, outer.accepted]).toEqual([1, 1, 1]);
    await prepared.abort();
    expect(node.children[0]!.exitCode).toBe(0);
    bench.configure([node.port, inner.port], { extra: "Host node1\n  ProxyJump node2\n" });
    await reached();
    expect(inner.accepted).toBe(2);
  });

  test("are named in what goes wrong with them", async () => {
    const node = await bench.server();
    const strict = await bench.server({ authorized: [newKey().public] });
    const closed = await bench.server({ refusesForwarding: true });
    bench.configure([node.port, strict.port, closed.port]);
    const locked = await refusal(bench.launcher(), spec({ jump: "node2" }));
    expect(locked.phase).toBe("authenticate");
    expect(locked.message).toMatch(/^could not start node1: authentication at the jump host 127\.0\.0\.1 failed/);
    const blocked = await refusal(bench.launcher(), spec({ jump: "node3" }));
    expect(blocked.phase).toBe("connect");
    expect(blocked.message).toMatch(
      new RegExp(`the jump host 127.0.0.1 could not connect to 127.0.0.1 port ${node.port} after \\d\\.\\d s \\(`),
    );
    bench.configure([node.port, strict.port, closed.port], { known: `[127.0.0.1]:${node.port} ${hostKey.public}` });
    const unknown = await refusal(bench.launcher(), spec({ jump: "node3" }));
    expect(unknown.phase).toBe("host key");
    expect(unknown.message).toContain(`[127.0.0.1]:${closed.port} is unknown`);
    expect(node.accepted).toBe(0);
  });

  test("in a circle are an error", async () => {
    bench.configure([1, 2], { extra: "Host node1\n  ProxyJump node2\nHost node2\n  ProxyJump node1\n" });
    const error = await refusal(bench.launcher());
    expect(error.phase).toBe("resolve");
    expect(error.message).toContain("its jump hosts lead through more than 8 others");
  });

  test.each([
    ["gateway", { name: "gateway", address: "gateway" }],
    ["me@gateway:2222", { name: "gateway", address: "gateway", user: "me", port: 2222 }],
    ["ssh://me@gateway:22", { name: "gateway", address: "gateway", user: "me", port: 22 }],
    ["me@[fe80::1]:22", { name: "fe80::1", address: "fe80::1", user: "me", port: 22 }],
    ["fe80::1", { name: "fe80::1", address: "fe80::1" }],
  ])("%p is understood", (text, named) => {
    expect(parseJump(text)).toEqual(named);
  });
});

test("what ssh -G prints is read key by key, repeated ones in order", () => {
  const options = parseSshOptions("host a\nidentityfile ~/.ssh/one\nidentityfile /two three\n\nport 22\n");
  expect(options.get("identityfile")).toEqual(["~/.ssh/one", "/two three"]);
  expect(options.get("port")).toEqual(["22"]);
  expect(options.get("user")).toBeUndefined();
});

describe("handshakes", () => {
  test("are eight at once at most, and all get their turn", async () => {
    const handshakes = new Handshakes(0);
    let [running, most] = [0, 0];
    const gates: (() => void)[] = [];
    const all = Array.from({ length: 20 }, () =>
      handshakes.run(async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => gates.push(resolve));
        running--;
      }),
    );
    for (let done = 0; done < 20; done++) {
      while (gates.length === 0) await Promise.resolve();
      gates.shift()!();
    }
    await Promise.all(all);
    expect(most).toBe(8);
  });

  test("are tried again only when they were dropped, and four times at most", async () => {
    const handshakes = new Handshakes(0);
    const failing = (dropped: boolean) => {
      const count = { tried: 0 };
      const run = handshakes.run(async () => {
        count.tried++;
        throw new Trouble("no", { remedy: "", dropped });
      });
      return { run, count };
    };
    for (const [dropped, times] of [
      [false, 1],
      [true, 4],
    ] as const) {
      const { run, count } = failing(dropped);
      await expect(run).rejects.toThrow("no");
      expect(count.tried).toBe(times);
    }
  });
});
