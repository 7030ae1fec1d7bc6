/**
 * Cancels without asking first which jobs there are: one question less, while a runaway job goes on. For the usual case of one
 * driver; in any other, and for whatever goes wrong, the long way has the better words.
 */
import { DriverGoneError, DriverLink, DriverSilentError, RefusedError } from "./client.ts";
import { onlyDriver, patienceMs } from "./drivers.ts";
import { talking } from "./find-job.ts";
import type { CancelAnswer, Chosen } from "./protocol.ts";
import { parseTarget } from "./target.ts";

/**
 * @param typed which job, as a person names it
 * @param begun called when the job has been told
 * @returns undefined when nothing was cancelled, and the long way is to be gone
 * @throws SteerError `unreachable` for a driver that doesn't answer; UsageError for what can't be the name of a job
 */
export async function cancelAtOnlyDriver(
  typed: string | undefined,
  how: { readonly reason: string; readonly graceMs?: number },
  begun: (name: string) => void,
): Promise<{ name: string; answer: CancelAnswer } | undefined> {
  if (parseTarget(typed).rank !== undefined) return undefined;
  const driver = onlyDriver();
  const link = driver && (await DriverLink.open(driver.path, driver.pid).catch(() => undefined));
  if (!link) return undefined;
  let name: string | undefined;
  const next = (chosen: Chosen): void => {
    name = chosen.name;
    begun(name);
  };
  return talking({ link }, async () => {
    try {
      const answer = await link.ask<CancelAnswer>(
        { ask: "cancelNamed", typed, untilMs: Date.now() + patienceMs, ...how },
        { next, patienceMs },
      );
      return { name: name!, answer };
    } catch (cause) {
      const silent = cause instanceof DriverSilentError; // the long way would wait for it once more
      const told = name !== undefined;
      if (!silent && !told && (cause instanceof RefusedError || cause instanceof DriverGoneError)) return undefined;
      throw cause;
    }
  });
}
