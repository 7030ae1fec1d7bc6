/** Nothing left behind: after each test of a file no ZeroMQ socket is open, and the process holds what it held before. */
import { openSocketCount } from "../../src/transport/socket-pump.ts";

/** What is still held then is held for good, in ms. */
const hangMs = 20_000;

/** Call once in a file, at the top level, after the `afterEach` that closes what the tests opened. */
export function nothingIsLeft(): void {
  let before: string[] = [];
  beforeEach(() => {
    before = held();
  });
  afterEach(async () => {
    expect(openSocketCount()).toBe(0);
    await onlyThatIsHeld(before);
  });
}

/** What was closed leaves the event loop some turns later, and what other threads hold when they have ended. */
export async function onlyThatIsHeld(before: readonly string[]): Promise<void> {
  const lateMs = performance.now() + hangMs;
  while (more(held(), before).length > 0 && performance.now() < lateMs) await new Promise(setImmediate);
  expect(more(held(), before)).toEqual([]);
}

/** Timers are jest's own: each test and each hook runs under one. Requests to the file system pass by themselves. */
export function held(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => !/^(Timeout|Immediate|TickObject|Microtask|FSReq)/.test(name));
}

/** What is in `now` more often than in `before`. */
function more(now: readonly string[], before: readonly string[]): string[] {
  const rest = [...before];
  return now.filter((name) => {
    const place = rest.indexOf(name);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
