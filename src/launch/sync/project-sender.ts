/** The driver's side of sending a project: answers what the receiver asks for, and has words for what goes wrong. */
import { closeSync, openSync, readSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import * as z from "zod";
import { formatBytes } from "../../terminal/format.ts";
import type { ModuleRoot } from "../../thread/module-roots.ts";
import type { HostProbe } from "../launcher.ts";
import type { PhaseClock } from "../ssh/phase-clock.ts";
import type { Mark, RemoteSession } from "../ssh/remote-session.ts";
import { Trouble } from "../ssh/trouble.ts";
import { addonsNotFor } from "./addons.ts";
import type { Project } from "./manifest.ts";

/** How a session knows that a project comes: all marks of the receiver. */
const answers = {
  sync: z.object({ tree: z.string(), have: z.boolean() }),
  want: z.array(z.int().nonnegative()),
  unsynced: z.object({ code: z.string().optional(), message: z.string(), path: z.string().optional() }),
};
const batchBytes = 1 << 20;
const pack = promisify(gzip);

export class ProjectSender {
  readonly #project: Project;
  readonly #session: () => RemoteSession;
  readonly #clock: PhaseClock;
  #failure: Trouble | undefined;
  /** The folder on the host that has the project's files below it. */
  tree: string | undefined;
  sent = { files: 0, bytes: 0 };

  constructor(project: Project, session: () => RemoteSession, clock: PhaseClock) {
    this.#project = project;
    this.#session = session;
    this.#clock = clock;
  }

  /** Why the project did not arrive. */
  get failure(): Trouble | undefined {
    return this.#failure;
  }

  /** Where the driver's folders lie on the host. */
  get moduleRoots(): ModuleRoot[] | undefined {
    if (this.tree === undefined) return undefined;
    return this.#project.roots.map((from) => ({ from, to: `${this.tree}/${this.#project.treePathOf(from)}` }));
  }

  warningsFor(host: HostProbe): string[] {
    const driver = { platform: process.platform, architecture: process.arch };
    const paths = this.#project.data.files.map(([path]) => path);
    const names = addonsNotFor(host, driver, paths);
    if (names.length === 0) return [];
    const machine = `${host.platform} ${host.architecture}`;
    return [
      `what was sent has native addons that it can't load, being ${machine}: ${names.join(", ")}. A kernel that imports them fails there; install the project on that machine instead.`,
    ];
  }

  enter(): void {
    this.#clock.enter("sync", {
      what: "nothing of the project was taken",
      remedy: "Check the network, and the disk and the load of that machine.",
    });
  }

  /** @returns whether the mark was one of the receiver's */
  takes({ kind, rest }: Mark): boolean {
    if (kind === "progress" || kind === "synced") this.enter();
    else if (kind === "sync") this.#begin(rest);
    else if (kind === "want") void this.#send(parsed("want", rest) ?? []).catch((error) => this.#fail(error));
    else if (kind === "unsynced") this.#failure ??= this.#troubleOf(parsed("unsynced", rest));
    else return false;
    return true;
  }

  #begin(rest: string): void {
    this.enter();
    const answer = parsed("sync", rest);
    this.tree = answer?.tree;
    if (answer?.have === false) void this.#frame("manifest", this.#project.packed).catch((error) => this.#fail(error));
  }

  /** The contents of these files, one after the other. */
  async #send(indices: readonly number[]): Promise<void> {
    this.enter();
    const batch = Buffer.allocUnsafe(batchBytes);
    let filled = 0;
    for (const index of indices) {
      const file = this.#project.data.files[index];
      if (!file) return;
      const fd = openSync(this.#project.sourceOf(index), "r");
      try {
        for (let left = file[2]; left > 0; ) {
          const count = readSync(fd, batch, filled, Math.min(left, batchBytes - filled), null);
          if (count === 0) throw Object.assign(new Error("it became shorter"), { path: this.#project.sourceOf(index) });
          left -= count;
          filled += count;
          if (filled < batchBytes) continue;
          await this.#frame("batch", await pack(batch, { level: 1 }));
          filled = 0;
        }
      } finally {
        closeSync(fd);
      }
      this.sent = { files: this.sent.files + 1, bytes: this.sent.bytes + file[2] };
    }
    if (filled > 0) await this.#frame("batch", await pack(batch.subarray(0, filled), { level: 1 }));
  }

  /** One write for the whole: what keeps the line alive may come between frames, not within. */
  async #frame(kind: string, body: Uint8Array): Promise<void> {
    await this.#session().send(Buffer.concat([Buffer.from(`${kind} ${body.byteLength}\n`), body]));
    this.enter(); // it goes on
  }

  /** A file here could not be read: the receiver waits for the rest in vain. */
  #fail(error: unknown): void {
    const { path = "a file", message } = error as NodeJS.ErrnoException;
    this.#failure ??= new Trouble(`${path} changed while the project was sent`, {
      note: message,
      remedy: "Start again when nothing writes to the project any more.",
      phase: "sync",
      timeless: true,
      cause: error,
    });
    this.#session().closeStdin();
  }

  #troubleOf(failure: z.output<(typeof answers)["unsynced"]> | undefined): Trouble {
    const { code, message = "for no known reason", path } = failure ?? {};
    const rest = { note: code ?? message, phase: "sync" as const, timeless: true };
    const elsewhere =
      "or set XDG_CACHE_HOME there (in ~/.profile it is not seen; sshd's SetEnv or ~/.ssh/environment are) to a folder elsewhere";
    if (code === "CHANGED")
      return new Trouble(`${path} changed while the project was sent`, {
        ...rest,
        note: undefined,
        remedy: "Start again when nothing writes to the project any more.",
      });
    if (code === "ENOSPC" || code === "EDQUOT")
      return new Trouble(`its disk is full, the project (${formatBytes(this.#project.bytes)}) does not fit`, {
        ...rest,
        remedy: `Free some space there (old ones lie in ~/.cache/mpits), ${elsewhere}, or send less: give "sync" a list of paths.`,
      });
    if (code !== undefined && ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"].includes(code))
      return new Trouble(`the project can't be written to ${path ?? "~/.cache/mpits"} there`, {
        ...rest,
        remedy: `Make that folder writable for the user who logs in, ${elsewhere}.`,
      });
    return new Trouble("the project could not be sent", {
      ...rest,
      note: message,
      remedy: "Its last output may tell more.",
    });
  }
}

function parsed<Kind extends keyof typeof answers>(
  kind: Kind,
  text: string,
): z.output<(typeof answers)[Kind]> | undefined {
  try {
    return answers[kind].parse(JSON.parse(text)) as z.output<(typeof answers)[Kind]>;
  } catch {
    return undefined;
  }
}
