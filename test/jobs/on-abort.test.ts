/** Many jobs may follow one signal. */
import { getEventListeners } from "node:events";
import { onAbort } from "../../src/cluster/on-abort.ts";

test("however many follow a signal, it has one listener; who has stopped is not called", () => {
  const controller = new AbortController();
  const called: number[] = [];
  const stops = Array.from({ length: 20 }, (_, i) => onAbort(controller.signal, () => called.push(i)));
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  for (const stop of stops.slice(2)) stop();
  controller.abort();
  expect(called).toEqual([0, 1]);
});

test("a signal that has aborted calls at once", () => {
  let called = 0;
  onAbort(AbortSignal.abort(), () => called++);
  expect(called).toBe(1);
});
