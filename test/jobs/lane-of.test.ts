/** What may overtake what, between the driver and a host. */
import { laneOf, wantsAnswer } from "../../src/cluster/lane-of.ts";
import type { ToHost } from "../../src/wire/messages.ts";

test("values go by data, and so does what must not overtake them", () => {
  expect(laneOf({ kind: "Block", job: 1, block: 1, lent: false }, true)).toBe("data");
  expect(laneOf({ kind: "Last", job: 1 }, false)).toBe("data");
  expect(laneOf({ kind: "Forget", job: 1 }, false)).toBe("data");
});

test.each<ToHost>([
  { kind: "Cancel", job: 1, reason: "enough", force: false, lost: null },
  { kind: "Finish", job: 1 },
  { kind: "Attend" },
])("$kind overtakes data", (message) => {
  expect(laneOf(message, false)).toBe("control");
});

test("a host that is only told to forget owes nothing", () => {
  expect(wantsAnswer({ kind: "Forget", job: 1 })).toBe(false);
  expect(wantsAnswer({ kind: "Last", job: 1 })).toBe(true);
});
