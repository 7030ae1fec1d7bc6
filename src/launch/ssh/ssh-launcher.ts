/**
 * Starts host processes on other machines by ssh: one connection and one exec per host. Nothing secret stands in a command line or
 * an environment: settings go over the channel's stdin, and the host process ends when that does.
 */
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostSpec } from "../../config/host-spec.ts";
import { loaderArguments } from "../../host/loader-arguments.ts";
import { packageVersion } from "../../package-version.ts";
import type { Launcher, LaunchOptions, PreparedHost } from "../launcher.ts";
import { Connection } from "./connection.ts";
import { Handshakes } from "./handshakes.ts";
import { type AskPassphrase, KeyRing } from "./identities.ts";
import { PhaseClock } from "./phase-clock.ts";
import { reachHostProcess } from "./reach-host-process.ts";
import type { RemoteScriptOptions } from "./remote-script.ts";
import type { RemoteSession } from "./remote-session.ts";
import { SshPreparedHost } from "./ssh-prepared-host.ts";
import { resolveTargets, type SshSettings } from "./ssh-target.ts";

export interface SshLauncherOptions {
  /** Limit of each phase of each host, in seconds. Default 10. */
  readonly connectTimeoutS?: number;
  /** Trust a host's key at first sight and write it to the first UserKnownHostsFile. Default: no; a key that changed is refused always. */
  readonly acceptNewHostKeys?: boolean;
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config, as `ssh -F`. Default: the environment variable MPITS_SSH_CONFIG. */
  readonly sshConfigFile?: string | undefined;
  /** Asks for the passphrase of a key file, once for all hosts. Without it, encrypted keys work through an agent only. */
  readonly askPassphrase?: AskPassphrase | undefined;
  /** What follows is for tests. Path of the host process's entry, the same on all machines. */
  readonly hostMain?: string;
  /** Default: process.env. */
  readonly environment?: SshSettings["environment"];
  /** The ssh program, only asked for its configuration (`ssh -G`). */
  readonly sshProgram?: string;
  /** Pause before a dropped connection is tried again, in ms. */
  readonly retryPauseMs?: number;
}

const ownHostMain = fileURLToPath(new URL("../../host/host-main.js", import.meta.url));

/** One for a whole cluster: its hosts share the limit of handshakes, and a passphrase is asked for once. */
export function createSshLauncher(options: SshLauncherOptions = {}): Launcher {
  const { connectTimeoutS = 10, acceptNewHostKeys = false, environment = process.env } = options;
  const ssh: SshSettings = {
    configFile: options.sshConfigFile ?? environment.MPITS_SSH_CONFIG,
    environment,
    program: options.sshProgram ?? "ssh",
  };
  const keys = new KeyRing(options.askPassphrase);
  const handshakes = new Handshakes(options.retryPauseMs);
  const attemptMs = Math.min(2500, connectTimeoutS * 500);

  return {
    async prepare(spec: HostSpec, { who = spec.name, signal }: LaunchOptions = {}): Promise<PreparedHost> {
      signal?.throwIfAborted();
      const clock = new PhaseClock(spec.name, who, connectTimeoutS);
      let over = false;
      let connection: Connection | undefined;
      let session: RemoteSession | undefined;

      async function connect(): Promise<Connection> {
        const targets = await resolveTargets(spec, ssh);
        clock.stop(); // to wait for its turn costs no time
        return handshakes.run(async () => {
          if (over) throw new Error("the launch was given up");
          connection = new Connection(targets, { clock, keys, acceptNewHostKeys, attemptMs });
          try {
            await connection.open();
            return connection;
          } catch (error) {
            connection.destroy("the launch failed");
            throw error;
          }
        });
      }

      async function reach(): Promise<PreparedHost> {
        const opened = await connect();
        const script = scriptOptions(spec, options.hostMain ?? ownHostMain);
        const probe = await reachHostProcess(opened, script, clock, (begun) => {
          session = begun;
        });
        return new SshPreparedHost(spec, probe, session!, opened, clock);
      }

      try {
        clock.enter("resolve", {
          what: "ssh's configuration was not read",
          remedy: `Try "ssh -G ${spec.address}"; a Match exec line of it may hang.`,
        });
        return await clock.limit(reach(), signal);
      } catch (error) {
        over = true;
        session?.closeStdin();
        if (session) await connection?.end();
        else connection?.destroy("the launch failed");
        throw clock.errorOf(error, session?.lastOutput);
      } finally {
        clock.close();
      }
    },
  };
}

function scriptOptions(spec: HostSpec, hostMain: string): RemoteScriptOptions {
  return {
    nodeExecutable: spec.nodeExecutable === "node" ? undefined : spec.nodeExecutable,
    workingDir: spec.workingDir,
    driverDir: process.cwd(),
    hostMain,
    manifest: posix.join(hostMain, "../../../package.json"),
    packageVersion: packageVersion(),
    nodeArguments: loaderArguments(process.execArgv),
  };
}
