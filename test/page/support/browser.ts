/** A Chromium of this machine, and pages in it that note what a user would never see: errors, and requests that leave the machine. */
import { accessSync, constants } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const executablePath = process.env.MPITS_CHROMIUM ?? "/usr/bin/chromium";
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** `describe` where Chromium is there; where it is not, the tests are skipped, and fail where it has to be there (in CI). */
export const describeInBrowser = isThere() || process.env.MPITS_PEERS === "required" ? describe : describe.skip;

function isThere(): boolean {
  try {
    accessSync(executablePath, constants.X_OK);
    return true;
  } catch {
    process.stderr.write(
      `skipped: there is no Chromium at ${executablePath} (apt-get install chromium, or MPITS_CHROMIUM)\n`,
    );
    return false;
  }
}

/** With a profile of its own, which is removed when it closes. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: quiet });
}

/** A page, and what it complained of. */
export interface Watched {
  readonly page: Page;
  readonly errors: string[];
  /** Addresses that it asked for. */
  readonly requests: string[];
}

export async function watchedPage(context: BrowserContext): Promise<Watched> {
  const page = await context.newPage();
  const [errors, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  return { page, errors, requests };
}
