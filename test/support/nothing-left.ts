/** Nothing left behind: after each test of a file no ZeroMQ socket is open, and the process holds what it held before. */
import { openSocketCount } from "../../src/transport/socket-pump.ts";

/** Call once in a file, at the top level, after the `afterEach` that closes what the tests opened. */
export function nothingIsLeft(): void {
  let before: string[] = [];
  beforeEach(() => {
    before = held();
  });
  afterEach(async () => {
    expect(openSocketCount()).toBe(0);
    // What was closed leaves the event loop a few turns later.
    for (let turn = 0; turn < 200 && more(held(), before).length > 0; turn++) await new Promise(setImmediate);
    expect(more(held(), before)).toEqual([]);
  });
}

/** Timers are jest's own: each test and each hook runs under one. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !/^(Timeout|Immediate|TickObject|Microtask)/.test(name));
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
