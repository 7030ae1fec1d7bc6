/** Pages in a Chromium of this machine that note what a user would never see: errors, and requests that leave the machine. */
import type { BrowserContext, Page } from "playwright-core";
import { missingChromium } from "../../../scripts/page/chromium.mjs";

const missing = missingChromium();
if (missing !== undefined) process.stderr.write(`skipped: there is ${missing}\n`);

/** `describe` where Chromium is there; where it is not, the tests are skipped, and fail where it has to be there (in CI). */
export const describeInBrowser = missing === undefined ? describe : describe.skip;

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
