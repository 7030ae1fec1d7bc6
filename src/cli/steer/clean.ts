/** `mpits clean`: removes what dead drivers have left; what lives is not touched. */
import { findDrivers } from "../../steer/drivers.ts";
import { closeAll } from "../../steer/find-job.ts";
import { removeDeadFolders } from "../../steer/leftovers.ts";

export async function cleanCommand(): Promise<void> {
  const drivers = await findDrivers();
  closeAll(drivers);
  const removed = [...drivers.removed, ...(await removeDeadFolders())];
  for (const path of removed) console.log(`removed ${path}`);
  for (const problem of drivers.problems) process.stderr.write(`mpits: ${problem}\n`);
  for (const pid of drivers.silent) process.stderr.write(`mpits: driver ${pid} does not answer; it was left alone\n`);
  const alive = drivers.alive.length;
  if (removed.length === 0) console.log(`nothing to clean; ${alive} driver${alive === 1 ? "" : "s"} alive`);
}
