/**
 * The schema of the configuration as the user writes it: every key optional, unknown ones refused. What follows from several keys
 * at once is settled in `parse-configuration.ts`.
 */
import * as z from "zod";
import { logLevels } from "./configuration.ts";
import { hostOfOptions } from "./host-schema.ts";
import {
  duration,
  environment,
  flag,
  hostName,
  niceness,
  oneOf,
  plainText,
  portNumber,
  portRange,
  userName,
  wholeNumber,
} from "./rules.ts";

const path = plainText("a path");

export const configurationSchema = z.strictObject(
  {
    masterNode: hostName.optional(),
    perNodeCores: wholeNumber(1).optional(),
    perNodeThreads: wholeNumber(1).optional(),
    numWorkerNodes: wholeNumber(0).optional(),
    hosts: z.array(hostOfOptions, "an array of hosts").optional(),
    hostfile: path.optional(),
    clusterFile: path.optional(),
    inspect: z.boolean("true, false or an XState inspection observer").optional(),
    timeJob: flag.optional(),
    progressToTerminal: z.union([flag, z.literal("hosts")], 'true, false or "hosts"').optional(),
    sshUser: userName.optional(),
    sshPort: portNumber.optional(),
    sshIdentityFile: path.optional(),
    nodeExecutable: plainText("the path or name of a Node executable").optional(),
    workingDir: path.optional(),
    connectTimeoutS: duration("seconds").optional(),
    launcher: oneOf(["auto", "local", "ssh"]).optional(),
    cancelGraceMs: duration("milliseconds", true).optional(),
    logLevel: oneOf(logLevels).optional(),
    bind: plainText("an address or the name of a network interface").optional(),
    port: portRange.optional(),
    tunnel: flag.optional(),
    insecure: flag.optional(),
    acceptNewHostKeys: flag.optional(),
    sync: z.union([flag, z.array(path, "a list of paths")], "true, false or a list of paths").optional(),
    hostSilenceMs: duration("milliseconds").optional(),
    leaseMs: duration("milliseconds").optional(),
    rankPrefix: flag.optional(),
    cancelOnInterrupt: flag.optional(),
    detectDeadlocks: flag.optional(),
    env: environment.optional(),
    rankMemoryMb: wholeNumber(1).optional(),
    nice: niceness.optional(),
  },
  "an object of options",
);

/** The configuration as the user writes it. */
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** The same, checked key by key. */
export type CheckedInput = z.output<typeof configurationSchema>;

export const configurationKeys = Object.keys(configurationSchema.shape) as (keyof CheckedInput)[];
