/** How the hosts of a configuration are started. ssh is loaded only where there are hosts to reach by it. */
import { existsSync } from "node:fs";
import type { Configuration } from "../config/configuration.ts";
import type { Launcher } from "../launch/launcher.ts";
import { localLauncher } from "../launch/local-launcher.ts";
import { passphraseFromTerminal } from "../terminal/ask-passphrase.ts";
import type { HostEntry } from "./host-entry.ts";

export class Launchers {
  readonly #configuration: Configuration;
  #ssh: Promise<Launcher> | undefined;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** The one for each host. */
  async ready(): Promise<(entry: HostEntry) => Launcher> {
    const bySsh = this.#configuration.hosts.some(({ launcher }) => launcher === "ssh");
    const ssh = bySsh ? await this.#sshLauncher() : localLauncher;
    return ({ spec }) => (spec?.launcher === "ssh" ? ssh : localLauncher);
  }

  #sshLauncher(): Promise<Launcher> {
    const { connectTimeoutS, acceptNewHostKeys, sync: paths, workingDir } = this.#configuration;
    const folder = workingDir !== undefined && existsSync(workingDir) ? workingDir : undefined;
    const sync = paths === false ? undefined : { paths, folder };
    this.#ssh ??= import("../launch/ssh/ssh-launcher.ts").then(({ createSshLauncher }) =>
      createSshLauncher({ connectTimeoutS, acceptNewHostKeys, sync, askPassphrase: passphraseFromTerminal() }),
    );
    return this.#ssh;
  }
}
