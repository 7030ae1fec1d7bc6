/** What a host process says of itself and its machine, once, before it gets its settings. */
import { availableParallelism, hostname, totalmem } from "node:os";
import type { HostFacts } from "../launch/launcher.ts";
import { packageVersion } from "../package-version.ts";

export function describeHost(): HostFacts {
  return {
    hostname: hostname(),
    pid: process.pid,
    node: process.execPath,
    nodeVersion: process.version,
    platform: process.platform,
    architecture: process.arch,
    packageVersion: packageVersion(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    epochMs: Date.now(),
    clientAddress: process.env.SSH_CONNECTION?.split(" ")[0],
  };
}
