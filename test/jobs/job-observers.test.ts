/** Observers of a job: told in their order, and of the end once. */
import type { JobSnapshot } from "../../src/cluster/job-facts.ts";
import { JobObservers } from "../../src/cluster/job-observers.ts";
import { UsageError } from "../../src/errors.ts";

const snapshot = { id: "k#1" } as JobSnapshot;

test("where nobody listens no snapshot is made", () => {
  const observers = new JobObservers();
  let made = 0;
  const tell = () => observers.tell(() => [snapshot, made++][0] as JobSnapshot);
  tell();
  observers.add({ complete() {} });
  tell();
  expect(made).toBe(0);
  observers.add(() => {});
  observers.add({ next() {} });
  tell();
  expect(made).toBe(1);
});

test("one that unsubscribes hears no more, be it out of its own call", () => {
  const observers = new JobObservers();
  const heard: string[] = [];
  const first = observers.add(() => {
    heard.push("first");
    first.unsubscribe();
  });
  observers.add({ next: () => heard.push("second"), complete: () => heard.push("end") });
  observers.tell(() => snapshot);
  observers.tell(() => snapshot);
  observers.end();
  observers.end();
  expect(heard).toEqual(["first", "second", "second", "end"]);
});

test("one that comes after the end hears of it at once, and of nothing else", () => {
  const observers = new JobObservers();
  observers.end();
  const heard: string[] = [];
  observers.add({ next: () => heard.push("next"), complete: () => heard.push("end") });
  observers.tell(() => snapshot);
  expect(heard).toEqual(["end"]);
});

test.each([undefined, null, 5, "observer"])("%p is no observer", (given) => {
  expect(() => new JobObservers().add(given as never)).toThrow(UsageError);
});
