// A process that looks at another's jobs over its socket, as a shell beside it would. `start` returns when its link is open.
// Run as a program: node steer-client.mjs SOCKET; each line on stdin is `follow JOB` or `cancel JOB`, answered by a line.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(import.meta.url);

/** @param folder where the one driver's socket lies */
export async function startSteerClient(folder) {
  const child = spawn(process.execPath, [file, join(folder, readdirSync(folder)[0])], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    /** ms until all that it asked for is under way (follow), or until every rank is idle (cancel). */
    async tell(what, job) {
      child.stdin.write(`${what} ${job}\n`);
      return Number((await lines.next()).value);
    },
    async close() {
      child.stdin.end();
      await new Promise((resolve) => child.once("close", resolve));
    },
  };
}

if (process.argv[1] === file) await main(process.argv[2]);

async function main(path) {
  const { DriverLink } = await import("../../dist/steer/client.js");
  const link = await DriverLink.open(path, 0);
  const { clusters } = await link.ask({ ask: "state" });
  const follow = async (address) => {
    link.ask({ ask: "watch", ...address }).catch(() => {});
    link.ask({ ask: "records", ...address, fromStart: true }).catch(() => {});
    link.ask({ ask: "logs", ...address, follow: true }).catch(() => {});
    await link.ask({ ask: "state" }); // those asked before are under way
  };
  const cancel = (address) => link.ask({ ask: "cancel", ...address, reason: "bench" });
  console.log("ready");
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, job] = line.split(" ");
    const from = performance.now();
    await { follow, cancel }[what]({ cluster: clusters[0].number, job });
    console.log(performance.now() - from);
  }
  link.close();
}
