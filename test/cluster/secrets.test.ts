/** Nothing secret stands where others of the same machine can read it: in command lines and environments. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Bed } from "./support/bed.ts";
import { Driver } from "./support/driver.ts";

const tellKeys = fileURLToPath(new URL("fixtures/tell-keys.mjs", import.meta.url));
let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(2);
});
afterAll(async () => {
  await bed?.down();
});

/** Processes (of all hosts: this machine sees them) in whose command line or environment a text stands. */
function showing(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => ["cmdline", "environ"].map((file) => `/proc/${pid}/${file}`))
    .filter((file) => read(file).includes(text));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended
  }
}

test("no key is in any command line or environment, on the driver's machine or on the hosts", async () => {
  const keysFile = `${bed.state}/keys`;
  const driver = new Driver({ hosts: bed.hosts, perNodeCores: 2 }, bed.sshConfig, {
    NODE_OPTIONS: `--import ${tellKeys}`,
    MPITS_TEST_KEYS: keysFile,
  });
  try {
    await driver.on("up");
    driver.job("prime", { n: String(2n ** 66n - 5n) });
    await driver.on("computing");
    const pairs = readFileSync(keysFile, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { publicKey: string; secretKey: string });
    expect(pairs).toHaveLength(1 + bed.hosts.length); // the server's and one for each host
    for (const { secretKey } of pairs) {
      expect(secretKey).toHaveLength(40);
      expect(showing(secretKey)).toEqual([]);
    }
    // Nor do the settings, which the keys stand in; nor is a public key there, which nobody needs to see either.
    for (const { publicKey } of pairs) expect(showing(publicKey)).toEqual([]);
    expect(showing('"serverKey"')).toEqual([]);
    // The search does find what is there.
    const marked = spawn("sleep", ["1000"], { env: { MARK: pairs[0]!.publicKey } });
    expect(showing(pairs[0]!.publicKey)).toEqual([`/proc/${marked.pid}/environ`]);
    marked.kill("SIGKILL");
  } finally {
    driver.finish();
    await driver.ended;
  }
  await bed.expectNothingLeft();
});
