// Worker threads that answer one message; prints the resident memory. Arguments: "threads" and how many.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const text =
  'const { parentPort } = require("node:worker_threads"); parentPort.once("message", (word) => parentPort.postMessage(word));';
const threads = Array.from({ length: Number(process.argv[3]) }, () => new Worker(text, { eval: true }));
for (const thread of threads) thread.postMessage("here");
await Promise.all(threads.map((thread) => once(thread, "message").then(() => thread.ref())));
console.log(process.memoryUsage.rss());
process.exit();
