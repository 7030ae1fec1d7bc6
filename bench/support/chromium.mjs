// A Chromium of this machine, for what the inspector's page costs in a browser.
import { accessSync, constants } from "node:fs";

const executablePath = process.env.MPITS_CHROMIUM ?? "/usr/bin/chromium";
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** As a row's `needs`. */
export function needsChromium() {
  try {
    accessSync(executablePath, constants.X_OK);
    return undefined;
  } catch {
    const words = `no Chromium at ${executablePath} (apt-get install chromium, or MPITS_CHROMIUM)`;
    if (process.env.MPITS_PEERS === "required") throw new Error(`${words}, and MPITS_PEERS=required.`);
    return words;
  }
}

export async function openBrowser() {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath, args });
}
