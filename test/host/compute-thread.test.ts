/** The end of a compute thread becomes words, whatever ended it. The worker is played by the test. */
import { EventEmitter } from "node:events";
import type { ErrorRecord } from "../../src/wire/error-codec.ts";
import { framesOf, messageToDriver } from "../../src/wire/messages.ts";
import { jestOf } from "../support/jest-of.ts";

class PlayedWorker extends EventEmitter {
  static readonly all: PlayedWorker[] = [];
  readonly posted: unknown[] = [];
  constructor() {
    super();
    PlayedWorker.all.push(this);
  }
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  unref(): void {}
  async terminate(): Promise<number> {
    this.emit("exit", 1);
    return 1;
  }
}

const mocks = jestOf(import.meta);
mocks.unstable_mockModule("node:worker_threads", () => ({ Worker: PlayedWorker }));
const { ComputeThread } = await import("../../src/host/compute-thread.ts");
const { RankMemory } = await import("../../src/thread/rank-memory.ts");

function start() {
  const deaths: ErrorRecord[] = [];
  const responses: unknown[] = [];
  const printed: string[] = [];
  const thread = new ComputeThread(
    { rank: 2, size: 4, host: "here", threads: 1, memory: new RankMemory(), rankMemoryMb: undefined, nice: 0 },
    {
      responded: (response) => responses.push(response),
      died: (error) => deaths.push(error),
      printed: (stream, text) => printed.push(`${stream}: ${text}`),
      stands: () => {},
      windowChanged: () => {},
    },
  );
  thread.start();
  return { thread, deaths, responses, printed, worker: PlayedWorker.all.at(-1)! };
}

const stopped = { kind: "Response", job: 1, what: "stopped" } as const;

test.each<[string, unknown, Partial<ErrorRecord>]>([
  ["an error", new RangeError("boom"), { name: "RangeError", message: "boom" }],
  ["null", null, { message: "something that is no Error was thrown: null" }],
  ["undefined", undefined, { message: "something that is no Error was thrown: undefined" }],
  ["a text", "oops", { message: 'something that is no Error was thrown: "oops"' }],
  ["an object with a message of numbers", { name: 1, message: 42 }, { name: "1", message: "42" }],
  ["an error with a code", Object.assign(new Error("m"), { code: "ODD" }), { code: "ODD" }],
])("a thread that dies of %s says so, in a record that the driver takes", (_, thrown, record) => {
  const { deaths, worker } = start();
  worker.emit("error", thrown);
  worker.emit("exit", 1);
  expect(deaths).toEqual([expect.objectContaining(record)]);
  const failure = { kind: "Failure", job: 1, rank: 2, assignment: 1, part: null, error: deaths[0]! } as const;
  expect(messageToDriver(framesOf(failure)).head.kind).toBe("Failure");
});

test("a thread that ends by process.exit or for want of memory says what to do", () => {
  const exited = start();
  exited.worker.emit("exit", 3);
  expect(exited.deaths[0]!.message).toMatch(/rank 2 by process\.exit\(3\)\. Return a value or throw instead/);
  const full = start();
  full.worker.emit("error", Object.assign(new Error("x"), { code: "ERR_WORKER_OUT_OF_MEMORY" }));
  full.worker.emit("exit", 1);
  expect(full.deaths[0]!.message).toMatch(/rank 2 ran out of memory .*"rankMemoryMb"/);
});

test("a thread that was ended by us is no death, and the next request starts another", async () => {
  const { thread, deaths, worker } = start();
  await thread.terminate();
  expect(deaths).toEqual([]);
  const threads = PlayedWorker.all.length;
  thread.send({ kind: "Request", ask: "forget" }); // a thread that is not there has nothing to forget
  expect(PlayedWorker.all.length).toBe(threads);
  const parts = { head: new Uint8Array(1), raws: [] };
  thread.send({ kind: "Request", ask: "compute", job: 1, kernel: { name: "k", module: "m" }, parts, blocks: [] });
  expect(PlayedWorker.all.length).toBe(threads + 1);
  expect(worker.posted).toEqual([]);
});

test("what an ended thread still says of its work is not heard, what it printed is", async () => {
  const { thread, responses, printed, worker } = start();
  worker.emit("message", stopped);
  await thread.terminate();
  worker.emit("message", stopped);
  worker.emit("message", { kind: "Output", stream: "stdout", text: "last words" });
  expect(responses).toEqual([stopped]);
  expect(printed).toEqual(["stdout: last words"]);
});
