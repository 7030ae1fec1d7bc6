/** Which hosts are through with what they were given. */
import { HostTally } from "../../src/cluster/host-tally.ts";

test("a host is through when it was told that nothing more comes and has done all that it was given", () => {
  const tally = new HostTally();
  tally.given("a", false);
  tally.saidIdle("a", 1);
  expect(tally.isThrough("a")).toBe(false);
  expect(tally.close("a")).toBe(true);
  expect(tally.close("a")).toBe(false);
  expect(tally.isThrough("a")).toBe(false);
  tally.returned("a");
  expect(tally.isThrough("a")).toBe(true);
});

test("one whose word has overtaken its partials attends until they are here, and we end its part of the job", () => {
  const tally = new HostTally();
  tally.given("a", false);
  tally.close("a");
  expect(tally.attend("a")).toBe(false);
  tally.saidIdle("a", 1);
  expect(tally.hasGivenAll("a")).toBe(false);
  expect(tally.attend("a")).toBe(true);
  tally.returned("a");
  expect(tally.attend("a")).toBe(false);
  expect(tally.hasGivenAll("a")).toBe(true);
  expect([tally.isThrough("a"), tally.isClosed("a")]).toEqual([false, false]);
  expect(tally.close("a")).toBe(false);
});

test("one that was given more while it said so is not", () => {
  const tally = new HostTally();
  tally.given("a", true);
  tally.close("a");
  tally.given("a", false);
  tally.saidIdle("a", 1);
  tally.returned("a");
  expect(tally.isThrough("a")).toBe(false);
  tally.saidIdle("a", 2);
  tally.returned("a");
  expect(tally.isThrough("a")).toBe(true);
  expect(tally.holdsBlocks("a")).toBe(true);
});

test("one that was given nothing is through when it says so", () => {
  const tally = new HostTally();
  expect(tally.isThrough("a")).toBe(false);
  tally.close("a");
  expect(tally.isThrough("a")).toBe(false);
  tally.saidIdle("a", 0);
  expect(tally.isThrough("a")).toBe(true);
  expect(tally.holdsBlocks("a")).toBe(false);
});
