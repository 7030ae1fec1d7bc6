/** Where keys may be: in the memory of the driver and of their host, and on stdin in between. And what is said where there are none. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Target } from "./fixtures/target.ts";

/** Each test launches clusters: a few seconds where nothing else runs, much longer on a machine that is busy. */
const patienceMs = 180_000;

let target: Target;
afterEach(() => target.close());

test(
  "no key stands in a command line, an environment, a log at its most talkative, or a file; local sockets are in a private folder",
  async () => {
    target = await Target.launch({ real: 2, played: 0, local: true, configuration: { logLevel: "trace" } });
    const { hosts } = await target.goesOn();
    const secrets = [...target.settings.values()].flatMap(({ peer, curve }) => [
      peer,
      curve!.serverKey,
      curve!.keys.publicKey,
      curve!.keys.secretKey,
    ]);
    expect(new Set(secrets).size).toBe(7); // the server's key is the same for both
    const folders = readdirSync(target.temporary);
    expect(folders).toEqual([expect.stringMatching(/^mpits-/)]);
    const folder = join(target.temporary, folders[0]!);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(["rank0"]);
    const pids = [target.pid, ...hosts.map(({ pid }) => pid!)];
    const public_ = pids.map((pid) => `${readFileSync(`/proc/${pid}/cmdline`)}${readFileSync(`/proc/${pid}/environ`)}`);
    expect(public_.every((text) => text.includes("node"))).toBe(true);
    await target.finish();
    for (const text of [...public_, target.output]) for (const secret of secrets) expect(text).not.toContain(secret);
    expect(readdirSync(target.temporary)).toEqual([]);
  },
  patienceMs,
);

test(
  "each cluster has keys of its own, and so has each host",
  async () => {
    target = await Target.launch({ real: 2, played: 0 });
    const keys = [...target.settings.values()].map(({ curve }) => curve!.keys.secretKey);
    const first = target.settings.get("node1")!.curve!.serverKey;
    await target.finish();
    await target.close();
    target = await Target.launch({ real: 1, played: 0 });
    keys.push(
      target.settings.get("node1")!.curve!.keys.secretKey,
      first,
      target.settings.get("node1")!.curve!.serverKey,
    );
    expect(new Set(keys).size).toBe(5);
  },
  patienceMs,
);

test(
  "insecure: true is said on stderr even where the log is silent; all else is as it was",
  async () => {
    target = await Target.launch({ real: 1, played: 0, configuration: { insecure: true, logLevel: "silent" } });
    const { curve, ...settings } = target.settings.get("node1")!;
    expect(curve).toBeUndefined();
    expect(settings.leaseMs).toBeGreaterThan(0);
    await target.goesOn();
    const { total } = await target.finish();
    expect(total).toBeGreaterThan(0);
    expect(target.output).toMatch(/\[MPITS_INSECURE\] MpitsSecurityWarning: insecure: true\. .* in the clear/);
  },
  patienceMs,
);
