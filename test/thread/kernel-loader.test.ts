/** How long a compute thread waits for a kernel that its module defines late, with the clock in our hand. */
import { jestOf } from "../support/jest-of.ts";

const jest = jestOf(import.meta);
let kernel: object | undefined;
let isQuiet = false;
const noModule = {
  findKernel: () => kernel,
  kernelDefined: () => new Promise(() => {}),
  kernelNamesOf: () => [],
};
jest.unstable_mockModule("../../src/kernels/define-kernel.ts", () => noModule);
jest.unstable_mockModule("../../src/thread/event-loop.ts", () => ({ isQuiet: () => isQuiet }));
jest.unstable_mockModule("../../src/thread/tsx-in-thread.ts", () => ({ registerTsx: () => Promise.resolve() }));
const { loadKernel } = await import("../../src/thread/kernel-loader.ts");

/** What becomes of a kernel in a module that has nothing else in it. */
async function loading(): Promise<{ outcome: string }> {
  const load = Promise.resolve(
    loadKernel({ name: "late", module: new URL("../support/jest-of.ts", import.meta.url).href }),
  );
  const seen = { outcome: "waits" };
  load.then(
    () => (seen.outcome = "found"),
    ({ code }) => (seen.outcome = code as string),
  );
  while (jest.getTimerCount() === 0) await new Promise(setImmediate);
  return seen;
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask"] });
  kernel = undefined;
});
afterEach(() => void jest.useRealTimers());

test("as long as something of the module is under way, its kernel may yet be defined", async () => {
  isQuiet = false;
  const seen = await loading();
  await jest.advanceTimersByTimeAsync(5000);
  expect(seen.outcome).toBe("waits");
  kernel = {};
  await jest.advanceTimersByTimeAsync(1000);
  expect(seen.outcome).toBe("found");
});

test("where nothing is under way any more, it is missing", async () => {
  isQuiet = true;
  const seen = await loading();
  await jest.advanceTimersByTimeAsync(1000);
  expect(seen.outcome).toBe("MPITS_KERNEL");
});

test("a module that is never quiet is not waited for without end", async () => {
  isQuiet = false;
  const seen = await loading();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(seen.outcome).toBe("MPITS_KERNEL");
});
