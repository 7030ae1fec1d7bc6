/** Giving a core away. */
import { coreYield } from "../../src/comm/core-yield.ts";

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("a thread yields by the system's own call, when it has been opened", () => {
  expect(coreYield.now).toBeUndefined();
  coreYield.open();
  const { now } = coreYield;
  expect(now?.()).toBe(0);
  coreYield.open();
  expect(coreYield.now).toBe(now);
});
