/** A time-out of a process that was held up itself. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fairTimeout } from "../../src/fair-timeout.ts";
import { jestOf } from "../support/jest-of.ts";

const jest = jestOf(import.meta);

test("what has come when the time is over is read before anybody is called late", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mpits-test-"));
  const server = createServer().listen(join(folder, "socket"));
  const near = connect(join(folder, "socket"));
  const [far] = (await once(server, "connection")) as [Socket];
  try {
    const happened: string[] = [];
    const over = new Promise<void>((resolve) => {
      near.on("data", () => happened.push("read"));
      fairTimeout(() => {
        happened.push("late");
        resolve();
      }, 1);
    });
    far.write("in time");
    for (const endMs = performance.now() + 5; performance.now() < endMs; ); // this process is held up
    await over;
    expect(happened).toEqual(["read", "late"]);
  } finally {
    near.destroy();
    far.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
});

describe("with the clock in our hand", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("it comes once, and not before its time", () => {
    const late = jest.fn();
    fairTimeout(late, 100);
    jest.advanceTimersByTime(99);
    expect(late).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(late).toHaveBeenCalledTimes(1);
  });

  test("who ends it hears nothing more, be the time over or not", () => {
    const late = jest.fn();
    const stop = fairTimeout(late, 100);
    stop();
    const stopInTurn = fairTimeout(late, 100);
    setTimeout(stopInTurn, 100); // when it is due, in the same turn
    jest.advanceTimersByTime(1000);
    expect(late).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });
});
