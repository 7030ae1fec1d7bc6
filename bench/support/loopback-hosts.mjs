// Hosts to reach by ssh, so by tcp, that are this machine: an ssh server in this process, with keys of its own. It runs what it is told.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";

/** @returns so many entries for `hosts`, each a host process of its own, and `close` */
export async function loopbackHosts(count) {
  const [hostKey, userKey] = [1, 2].map(() => ssh2.utils.generateKeyPairSync("ed25519"));
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const folder = mkdtempSync(join(tmpdir(), "mpits-bench-ssh-"));
  const write = (name, text, mode) => {
    writeFileSync(join(folder, name), text, { mode });
    return join(folder, name);
  };
  const { port } = server.address();
  process.env.MPITS_SSH_CONFIG = write(
    "config",
    `Host loopback
  HostName 127.0.0.1
  Port ${port}
  User bench
  IdentityFile ${write("key", userKey.private, 0o600)}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${write("known_hosts", `[127.0.0.1]:${port} ${hostKey.public}\n`)}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`,
  );
  return {
    hosts: Array.from({ length: count }, (_, i) => ({ name: `loopback-${i + 1}`, host: "loopback" })),
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serve(client) {
  client.on("authentication", (context) => context.accept());
  client.on("error", () => {});
  client.on("session", (accept) =>
    accept()
      .on("env", (acceptEnv) => acceptEnv?.())
      .on("exec", (acceptExec, _reject, { command }) => run(acceptExec(), command)),
  );
}

function run(channel, command) {
  const child = spawn("/bin/sh", ["-c", command], {
    env: { ...process.env, SSH_CONNECTION: "127.0.0.1 1 127.0.0.1 1" },
  });
  channel.pipe(child.stdin).on("error", () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("close", (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
  channel.on("close", () => child.stdin.destroy());
}
