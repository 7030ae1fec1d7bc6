/** How a rank waits beside what else its thread does. */
import { setTimeout as pause } from "node:timers/promises";
import { Stillness } from "../../src/comm/stillness.ts";
import { type Awaitable, Waiting } from "../../src/comm/waiting.ts";

/** A rank whose messages come when `progress` says so. */
function rank(progress: () => boolean) {
  const traffic = { sent: [], taken: [], blocked: [], unreceived: [] };
  return new Waiting(
    {
      progress,
      sleep: () => {},
      rest: () => new Promise(setImmediate),
      isQuiet: () => false,
      raiseIfCancelled: () => {},
      coreYield: undefined,
    },
    new Stillness({ tell: () => {}, traffic: () => traffic }),
  );
}

function message(): Awaitable & { isOver: boolean } {
  return { isOver: false, what: "a message" };
}

test("messages that always come at once do not keep the thread from its timers", async () => {
  let next = message();
  const waiting = rank(() => {
    next.isOver = true;
    return true;
  });
  let isOver = false;
  void pause(5).then(() => {
    isOver = true;
  });
  while (!isOver) {
    const wanted = message();
    const got = waiting.until(wanted, Number.POSITIVE_INFINITY, () => {});
    next = wanted;
    await got;
  }
});

test("a rank looks for mail when all that can go on at once has gone on", async () => {
  let looks = 0;
  const wanted = message();
  const waiting = rank(() => {
    looks += 1;
    wanted.isOver = looks > 1;
    return true;
  });
  const got = waiting.until(wanted, Number.POSITIVE_INFINITY, () => "it");
  for (let i = 0; i < 10; i++) await undefined;
  expect(looks).toBe(1);
  expect(await got).toBe("it");
});

test("what has come by the time-out is received, also where the thread was busy with something else and looks late", async () => {
  let isThere = false;
  const wanted = message();
  const waiting = rank(() => {
    wanted.isOver = isThere;
    return isThere;
  });
  const got = waiting.until(wanted, 0, () => "it");
  isThere = true;
  expect(await got).toBe("it");
});

test("one that waits in vain does not hold up another that begins to wait while it sleeps", async () => {
  const wanted = message();
  let comes = false;
  const waiting = rank(() => {
    wanted.isOver = comes;
    return comes;
  });
  const vain = waiting.until(message(), Number.POSITIVE_INFINITY, () => {});
  await new Promise(setImmediate);
  const got = waiting.until(wanted, Number.POSITIVE_INFINITY, () => "it");
  comes = true;
  expect(await got).toBe("it");
  waiting.close();
  await expect(vain).rejects.toThrow("the job is over");
});
