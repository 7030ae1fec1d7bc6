/**
 * Starts host processes on other machines by ssh: one connection and one exec per host. Nothing secret stands in a command line or
 * an environment: settings go over the channel's stdin, and the host process ends when that does.
 */
import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostSpec } from "../../config/host-spec.ts";
import { loaderArguments } from "../../host/loader-arguments.ts";
import { packageVersion } from "../../package-version.ts";
import { builtUrl } from "../../places.ts";
import type { Launcher, LaunchOptions, PreparedHost } from "../launcher.ts";
import { type Project, readProject } from "../sync/manifest.ts";
import { ProjectSender } from "../sync/project-sender.ts";
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
  /** Sends the project of `folder` to each host, and works on that. Default: no, it is there already at the same path. */
  readonly sync?: SyncOptions | undefined;
  /** What follows is for tests. Path of the host process's entry, the same on all machines. */
  readonly hostMain?: string;
  /** Default: process.env. */
  readonly environment?: SshSettings["environment"];
  /** The ssh program, only asked for its configuration (`ssh -G`). */
  readonly sshProgram?: string;
  /** Pause before a dropped connection is tried again, in ms. */
  readonly retryPauseMs?: number;
}

interface SyncOptions {
  /** True: what npm would pack. A list: these paths of the project. node_modules comes along. */
  readonly paths: true | readonly string[];
  /** Where to look for the project; default the working directory. */
  readonly folder?: string | undefined;
  /** Where hashes are remembered; default `mpits` in the user's cache folder. */
  readonly cacheFolder?: string;
  /** The program that runs, which must not be left out; default `process.argv[1]`. */
  readonly program?: string;
}

const ownHostMain = fileURLToPath(builtUrl("host/host-main.cjs"));

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
  const hostMain = options.hostMain ?? ownHostMain;
  const project = onlyOnce(() => readOwnProject(options.sync!, hostMain, environment)); // all hosts get the same
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
        const reading = options.sync && project();
        reading?.catch(() => {}); // told below, unless the connection fails before
        const opened = await connect();
        clock.stop(); // and neither does it to read what is to be sent
        const read = await reading;
        const sender = read && new ProjectSender(read, () => session!, clock);
        const script = scriptOptions(spec, hostMain, read, options.sync?.folder);
        const takeSession = (begun: RemoteSession) => {
          session = begun;
        };
        const probe = await reachHostProcess(opened, script, clock, takeSession, sender);
        return new SshPreparedHost(spec, probe, session!, opened, clock, sender);
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

function scriptOptions(
  spec: HostSpec,
  hostMain: string,
  project: Project | undefined,
  folder = process.cwd(),
): RemoteScriptOptions {
  const manifest = posix.join(hostMain, "../../../package.json");
  return {
    nodeExecutable: spec.nodeExecutable === "node" ? undefined : spec.nodeExecutable,
    workingDir: spec.workingDir,
    driverDir: process.cwd(),
    hostMain,
    manifest,
    packageVersion: packageVersion(),
    nodeArguments: loaderArguments(process.execArgv),
    sync: project && {
      id: project.id,
      dir: workingDirIn(project, spec.workingDir, folder),
      hostMain: project.treePathOf(realpathSync(hostMain))!,
      manifest: project.treePathOf(realpathSync(manifest))!,
      treePathOf: (path) => project.treePathOf(path),
    },
  };
}

/** The counterpart of the working directory; that of the project where it has none. Another one on the host may be named as well. */
function workingDirIn(project: Project, workingDir: string | undefined, folder: string): string | undefined {
  if (workingDir !== undefined && !existsSync(workingDir)) return undefined;
  const wanted = realpathSync(workingDir ?? folder);
  if (project.hasFolder(wanted)) return project.treePathOf(wanted);
  return workingDir === undefined ? project.treePathOf(project.folder) : undefined;
}

function readOwnProject(
  { paths, folder = process.cwd(), cacheFolder, program = process.argv[1] }: SyncOptions,
  hostMain: string,
  { XDG_CACHE_HOME, HOME = homedir() }: SshSettings["environment"],
): Promise<Project> {
  const remembered = cacheFolder ?? join(XDG_CACHE_HOME || join(HOME, ".cache"), "mpits");
  return readProject({ folder, paths, packageFolder: join(hostMain, "../../.."), program }, remembered);
}

function onlyOnce<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
