/** `mpits complete-job`, for completion scripts: the jobs that run or wait, a line each. */
import { findDrivers } from "../../steer/drivers.ts";
import { candidates, closeAll } from "../../steer/find-job.ts";
import { uniqueName } from "../../steer/target.ts";

export async function completeJobCommand(): Promise<void> {
  const drivers = await findDrivers();
  closeAll(drivers);
  const jobs = candidates(drivers).filter(({ phase }) => phase !== "over");
  for (const job of jobs) console.log(uniqueName(job, jobs));
}
