/** When we listen for Ctrl-C; what it does to a running job is tested in test/runtime/program.test.ts. */
import type { Job } from "../../src/cluster/job.ts";
import { cancelOnInterrupt } from "../../src/terminal/interrupt.ts";
import { jestOf } from "../support/jest-of.ts";

const jest = jestOf(import.meta);
const listeners = () => process.listenerCount("SIGINT");
const turn = () => new Promise(setImmediate);

/** A job that ends when it is told to. */
function played() {
  let complete = () => {};
  const cancel = jest.fn();
  const job = {
    id: "job",
    cancel,
    subscribe(observer: { complete(): void }) {
      complete = () => observer.complete();
    },
  };
  cancelOnInterrupt(job as unknown as Job);
  return { cancel, end: () => complete() };
}

afterEach(() => process.removeAllListeners("SIGINT"));

test("between jobs that follow each other we go on listening, and after the last we stop", async () => {
  for (let i = 0; i < 3; i++) {
    const job = played();
    expect(listeners()).toBe(1);
    job.end();
    expect(listeners()).toBe(1);
  }
  await turn();
  expect(listeners()).toBe(0);
});

test("a program that listens itself is left alone, also when it begins to between two jobs", async () => {
  const theirs = jest.fn();
  played().end();
  process.on("SIGINT", theirs);
  const { cancel, end } = played();
  await turn();
  expect(process.listeners("SIGINT")).toEqual([theirs]);
  process.emit("SIGINT");
  expect(cancel).not.toHaveBeenCalled();
  end();
});

test("between two jobs Ctrl-C ends the program, as if nobody listened", () => {
  const kill = jest.spyOn(process, "kill").mockReturnValue(true);
  const { cancel, end } = played();
  end();
  process.emit("SIGINT");
  expect(cancel).not.toHaveBeenCalled();
  expect(kill).toHaveBeenCalledWith(process.pid, "SIGINT");
  expect(listeners()).toBe(0);
  kill.mockRestore();
});
