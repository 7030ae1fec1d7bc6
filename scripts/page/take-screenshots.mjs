// Takes the pictures of docs/inspector.md: a real job on host processes of this machine, in a real browser (Chromium). Run it
// after a build: node scripts/page/take-screenshots.mjs
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspectorLink, launchCluster } from "mpits";
import { openBrowser } from "./chromium.mjs";
import { countPrimes, heat, ringOfReceives } from "./shown-kernel.mjs";

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "inspector");
const screens = {
  wide: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
};

mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
const options = {
  masterNode: "desk",
  hosts: pis([2, 2, 1]),
  logLevel: "warn",
};
const cluster = await launchCluster(options);
const page = await browser.newPage({ viewport: screens.wide, colorScheme: "light" });
page.on("console", (message) => console.log(message.type(), message.text()));
const job = cluster.spawn(countPrimes, { limit: 60_000_000, parts: 300 });
await page.goto((await inspectorLink(cluster)).url);
await page.locator('[data-rank="5"][data-state="computing"]').waitFor();
await page.waitForFunction(() => Number.parseInt(document.getElementById("percent").textContent, 10) >= 8);

await take("page-light");
await page.emulateMedia({ colorScheme: "dark" });
await take("page-dark");
await view("ranks", "ranks-dark");
await page.emulateMedia({ colorScheme: "light" });
await page.click('[data-rank="3"]');
await page.locator("#followed").waitFor();
await view("chart", "chart-light");
await page.emulateMedia({ colorScheme: "dark" });
await view("chart", "chart-dark");
await page.emulateMedia({ colorScheme: "light" });
process.kill(cluster.getSnapshot().hosts[2].pid, "SIGKILL");
await page.locator(".host[data-lost]").waitFor();
await view("ranks", "ranks-light");
await page.click("#zoom-in");
await view("timeline", "timeline-light");
await page.click("#show-all");
await view("rate", "rate-light");
await view("logs", "logs-light");
await page.setViewportSize(screens.phone);
await page.evaluate(() => scrollTo(0, 0));
await take("phone-light");
await page.emulateMedia({ colorScheme: "dark" });
await page.click("#cancel");
await job.result.catch(() => {});
await page.locator('#job-state[data-state="cancelled"]').waitFor();
await take("phone-dark");
await page.setViewportSize(screens.wide);
await view("timeline", "timeline-dark");
await view("job", "job-dark");
await page.emulateMedia({ colorScheme: "light" });
await view("job", "job-light");
await cluster.close();
const other = await launchCluster(options);
const stuck = other.spawn(ringOfReceives, {});
await page.goto((await inspectorLink(other)).url);
await page.locator("#stuck", { hasText: "in a ring" }).waitFor();
await page.locator('[data-rank="5"]', { hasText: "waits" }).waitFor();
await take("stuck-light");
stuck.cancel("seen", { force: true });
await stuck.result.catch(() => {});
await other.close();
const talking = await launchCluster({ ...options, hosts: pis([4, 4, 4, 3]) });
const talk = talking.spawn(heat, {});
await page.goto((await inspectorLink(talking)).url);
await page.locator("#traffic").scrollIntoViewIfNeeded();
await page.emulateMedia({ colorScheme: "dark" });
await page.click("#traffic-ranks");
await page.locator("#traffic-map").waitFor();
await page.focus("#traffic-canvas");
for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
await page.locator("#traffic-at", { hasText: /rank 0 to rank 3: \d/ }).waitFor();
await view("traffic", "traffic-ranks-dark");
await page.emulateMedia({ colorScheme: "light" });
await view("traffic", "traffic-ranks-light");
await page.click("#traffic-hosts");
await view("traffic", "traffic-light");
talk.cancel("seen", { force: true });
await talk.result.catch(() => {});
await talking.close();
await browser.close();

/** Host processes of this machine with so many ranks each. */
function pis(slots) {
  return slots.map((count, i) => ({ host: "localhost", name: `pi${i + 1}`, slots: count }));
}

/** What a person sees at first. */
async function take(name) {
  await settle();
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

async function view(id, name) {
  await settle();
  await page.locator(`#${id}`).screenshot({ path: join(folder, `${name}.png`) });
}

/** Until what has changed is drawn. */
function settle() {
  return page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => done()), 900)));
}
