/** `mpits inspect --open`: the inspector's page in this user's browser, and its address for any other. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../errors.ts";
import { findJob, talking } from "../../steer/find-job.ts";
import type { PageAnswer } from "../../steer/protocol.ts";

interface Flags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** How long a browser may take to read the file that leads it on, in ms. */
const readingMs = 5000;
/** How long an opener may take to fail, in ms. */
const failingMs = 2000;

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

export async function openPage(typed: string | undefined, { watch, json }: Flags): Promise<void> {
  if (watch) throw new UsageError("--open shows a page, --watch the terminal; give one of them.");
  const found = await findJob(typed);
  const answer = await talking(found, (link) =>
    link.ask<PageAnswer>({ ask: "page", ...found.address }, { patienceMs: 5000 }),
  );
  if (json) return console.log(JSON.stringify(answer));
  const shown = hasScreen() && (await openInBrowser(answer.url));
  if (shown) return console.log(`${found.name} is shown in the browser.`);
  console.log(`${answer.url} (opens once)\nfrom elsewhere, first: ${answer.tunnel}`);
}

function hasScreen({ env, platform } = process): boolean {
  return platform in openers || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * False when no browser could be started. The address opens the page for whoever comes first, and everybody on the machine can
 * read a command line: the browser gets a private file that leads on to it.
 */
async function openInBrowser(url: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "mpits-open-")); // for this user alone
  try {
    const file = join(folder, "open.html");
    await writeFile(
      file,
      `<!doctype html><meta http-equiv="refresh" content="0; url=${url.replaceAll("&", "&amp;")}">`,
    );
    if (!(await started(file))) return false;
    await new Promise((resolve) => setTimeout(resolve, readingMs));
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Some openers end at once, some with their browser: one that has not failed soon has opened it. */
function started(file: string): Promise<boolean> {
  const [command = "xdg-open", ...args] = openers[process.platform] ?? [];
  const child = spawn(command, [...args, file], { stdio: "ignore", detached: true });
  child.unref();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), failingMs);
    const tell = (opened: boolean): void => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.on("error", () => tell(false));
    child.on("exit", (code) => tell(code === 0));
  });
}
