// What the inspector costs: the job that is looked at, and the browser that looks.
import { fork } from "node:child_process";
import { once } from "node:events";
import { inspectorLink, launchCluster } from "mpits";
import { missingChromium, openBrowser } from "../../scripts/page/chromium.mjs";
import { tiny } from "../kernels/small.mjs";
import { playDriver } from "../support/played-driver.mjs";

const ranks = 4;
const parts = 10_000;
/** In a sample, since one takes only some tens of ms. */
const jobs = 25;
const large = { ranks: 256, transitions: 100_000, perSecond: 5000 };
/** Looked at for so long, in ms. */
const followMs = 4000;
/** What a browser has for each of 60 frames a second. */
const frameMs = 1000 / 60;

const unseen = { name: "the same unseen", reach: 0.95, open: () => openJobs(undefined) };

export default {
  title: "Inspector: what being looked at costs, and the page with 256 ranks",
  rounds: 15,
  rows: [
    {
      id: "read",
      what: `${parts} tiny parts, ${ranks} ranks, the page's stream open`,
      unit: "parts/s",
      better: "more",
      ours: () => openJobs("read"),
      peers: [unseen],
    },
    {
      id: "chromium",
      what: "the same with the page open in Chromium on this machine",
      unit: "parts/s",
      better: "more",
      needs: missingChromium,
      ours: () => openJobs("chromium"),
      peers: [{ ...unseen, needs: missingChromium }],
    },
    {
      id: "first-paint",
      what: `first paint, ${large.ranks} ranks and ${large.transitions} transitions`,
      unit: "ms",
      better: "less",
      limit: { median: 1000 },
      ours: () => openPages(firstPaint),
      peers: [],
    },
    {
      id: "all-shown",
      what: "until every rank and the whole timeline are shown, from the click on",
      unit: "ms",
      better: "less",
      ours: () => openPages(allShown),
      peers: [],
    },
    {
      id: "frame",
      what: `main thread per 1/60 s, ${large.ranks} ranks, pointing at the timeline and following ${large.perSecond} transitions a second`,
      unit: "ms",
      better: "less",
      limit: { median: frameMs },
      ours: () => openPages(workPerSlot),
      peers: [],
    },
  ],
};

/** Parts per second of one job after another. */
async function openJobs(how) {
  const cluster = await launchCluster({ perNodeCores: ranks });
  const run = () => cluster.spawn(tiny, { parts }).result;
  for (let job = 0; job < 20; job++) await run();
  const onlooker = how && (await lookOn(cluster, how));
  return {
    async sample() {
      const start = performance.now();
      for (let job = 0; job < jobs; job++) await run();
      return (jobs * parts * 1000) / (performance.now() - start);
    },
    async close() {
      if (onlooker?.connected) onlooker.disconnect();
      await cluster.close();
    },
  };
}

/** In a process of its own: what it costs there is not the job's. */
async function lookOn(cluster, how) {
  const { url } = await inspectorLink(cluster);
  const child = fork(new URL("../support/look-on.mjs", import.meta.url), [url, how]);
  await once(child, "message");
  return child;
}

async function openPages(measure) {
  const driver = await playDriver(large);
  const browser = await openBrowser();
  return {
    async sample() {
      const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
      await page.goto(driver.link());
      const value = await measure(page);
      await page.close();
      return value;
    },
    async close() {
      await browser.close();
      driver.close();
    },
  };
}

function firstPaint(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => {
          const paint = list.getEntriesByName("first-contentful-paint")[0];
          if (paint) resolve(paint.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

async function allShown(page) {
  await page.locator('[data-rank="255"][data-state]').waitFor();
  await page.locator("#timeline-empty").waitFor({ state: "hidden" });
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now()))));
}

/**
 * How long the main thread works, by its own clock, in the time of a frame, on average: scripts, styles, layout and painting. Frames
 * themselves are not counted: on a machine that others use too they come when these let them.
 */
async function workPerSlot(page) {
  await allShown(page);
  await page.locator("#timeline-canvas").scrollIntoViewIfNeeded();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  };
  const box = await page.locator("#timeline-canvas").boundingBox();
  const [before, start] = [await busy(), performance.now()];
  // Only for somebody who is at it does the timeline move with every frame.
  for (let x = 100; performance.now() - start < followMs; x++) {
    await page.mouse.move(box.x + x, box.y + 100);
    await page.waitForTimeout(500);
  }
  return ((await busy()) - before) / ((performance.now() - start) / frameMs);
}
