/** When we listen for Ctrl-C; what it does to a running job is tested in test/runtime/program.test.ts. */
import type { Job } from "../../src/cluster/job.ts";
import { cancelOnInterrupt } from "../../src/terminal/interrupt.ts";
import { jestOf } from "../support/jest-of.ts";

const jest = jestOf(import.meta);
const listeners = () => process.listenerCount("SIGINT");

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

test("while a job runs we listen, and not a moment longer: what the program does then may leave no turn to an event loop", () => {
  for (let i = 0; i < 3; i++) {
    const job = played();
    expect(listeners()).toBe(1);
    job.end();
    expect(listeners()).toBe(0);
  }
});

test("a program that listens itself is left alone", () => {
  const theirs = jest.fn();
  process.on("SIGINT", theirs);
  const { cancel, end } = played();
  expect(process.listeners("SIGINT")).toEqual([theirs]);
  process.emit("SIGINT");
  expect(cancel).not.toHaveBeenCalled();
  end();
});
