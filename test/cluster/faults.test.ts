/** Every fault in every kernel, once: the result is right (or the driver is gone), and nothing is left when the lease is over. */
import { Bed } from "./support/bed.ts";
import { type FaultOutcome, runFault } from "./support/fault-run.ts";
import { faults } from "./support/faults.ts";
import { kernels, workload } from "./support/workloads.ts";

/** Silence is noticed within `hostSilenceMs`, 5 s by default, of the driver's own time: it may be held up itself. */
const noticedMs = 10_000;

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(3);
});
afterAll(async () => {
  await bed?.down();
});

/** What a reader of a failed test needs, on one page. */
function expectWell(outcome: FaultOutcome, loses: "host" | "driver" | "nothing"): void {
  const { result, detectedMs, left, story } = outcome;
  const seen = { result, lost: detectedMs !== undefined, left, story: "" };
  const wanted = {
    result: loses === "driver" ? "driver gone" : "right",
    lost: loses !== "nothing",
    left: 0,
    story: "",
  };
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) seen.story = story;
  expect(seen).toEqual(wanted);
  expect(detectedMs ?? 0).toBeLessThan(noticedMs);
}

describe.each(faults)("$name", (fault) => {
  test.each(kernels)("in %s", async (kernel) => {
    expectWell(
      await runFault(bed, fault, await workload(kernel, fault.when !== "computing", fault.matrixSize)),
      fault.loses,
    );
  });
});
