// A driver whose job runs until a file appears. Asked how it is, it answers as soon as so many more parts are done and, if one is named,
// that host is lost; see test/security.
import { existsSync, openSync, readSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { defineKernel, launchCluster } from "mpits";

/** As many parts as there is time for; what comes of them is checked one by one. */
export const steady = defineKernel({
  name: "steady",
  *scatter({ gate }) {
    for (let i = 0; !existsSync(gate); i++) yield i;
  },
  async compute(i, rank) {
    await pause(1);
    return { i, square: i * i, rank: rank.rank };
  },
  async reduce(partials) {
    const parts = [];
    let next = 0;
    for await (const { i, square, rank } of partials) {
      if (i !== next++ || square !== i * i) throw new Error(`part ${next} came back as ${i}, ${square}`);
      parts[rank] = (parts[rank] ?? 0) + 1;
    }
    return { total: next, parts: Array.from(parts, (count) => count ?? 0) };
  },
});

const { gate, configuration } = JSON.parse(process.argv[2] ?? "{}"); // a compute thread has no arguments, and stops at the next line
const statm = openSync("/proc/self/statm"); // once: an attack may take all that can be opened
function residentBytes() {
  const text = Buffer.alloc(200);
  readSync(statm, text, 0, text.length, 0);
  return Number(text.toString("latin1").split(" ")[1]) * 4096;
}

const cluster = await launchCluster(configuration);
const job = cluster.spawn(steady, { gate });
process.on("message", ({ parts, lost }) => {
  const from = job.getSnapshot().parts.done;
  const subscription = job.subscribe(answer);
  answer(job.getSnapshot());
  function answer({ parts: { done } }) {
    const { hosts } = cluster.getSnapshot();
    const isLost = lost === undefined || hosts.some((host) => host.name === lost && host.lost !== undefined);
    if (done < from + parts || !isLost) return;
    subscription.unsubscribe();
    globalThis.gc();
    process.send({ rss: residentBytes(), hosts });
  }
});
process.send("ready");
const result = await job.result;
await cluster.close();
process.send({ result });
process.disconnect();
