// A Chromium of this machine, in which the inspector's page is tested, measured and pictured.
import { accessSync, constants } from "node:fs";

const executablePath = process.env.MPITS_CHROMIUM ?? "/usr/bin/chromium";
/** It runs as root in containers, and asks nobody for anything by itself. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Says what is missing where there is no Chromium; undefined where there is one.
 *
 * @throws when there has to be one (MPITS_PEERS=required, in CI)
 */
export function missingChromium() {
  try {
    accessSync(executablePath, constants.X_OK);
    return undefined;
  } catch {
    const words = `no Chromium at ${executablePath} (apt-get install chromium, or MPITS_CHROMIUM)`;
    if (process.env.MPITS_PEERS === "required") throw new Error(`${words}, and MPITS_PEERS=required.`);
    return words;
  }
}

/** With a profile of its own, which is removed when it closes. */
export async function openBrowser() {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath, args });
}
