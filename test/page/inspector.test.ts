/** The inspector as its user sees it: a real browser, a real job of 6 ranks on three host processes. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, inspectorLink, type Job, launchCluster } from "mpits";
import type { Browser, BrowserContext } from "playwright-core";
import { openBrowser } from "../../scripts/page/chromium.mjs";
import { gated, polling, squares } from "../fixtures/kernels.js";
import { ringOfReceives, sendThenWork } from "../fixtures/talking.js";
import { rejection } from "../support/job-events.ts";
import { describeInBrowser, type Watched, watchedPage } from "./support/browser.ts";

const slots = [2, 2, 1];

describeInBrowser("the inspector's page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let watched: Watched;
  let cluster: Cluster;
  let folder: string;
  let gate: string;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mpits-page-"));
    gate = join(folder, "gate");
    cluster = await launchCluster({
      masterNode: "desk",
      hosts: slots.map((count, i) => ({ host: "localhost", name: `node${i + 1}`, slots: count })),
      logLevel: "silent",
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    watched = await watchedPage(context);
  });
  afterEach(async () => {
    await context.close();
    await cluster.close();
    await rm(folder, { recursive: true });
  });

  const open = async (job?: Job<unknown>): Promise<void> => {
    await watched.page.goto((await inspectorLink(cluster, job?.id)).url);
  };
  const shows = (selector: string): Promise<void> => watched.page.locator(selector).first().waitFor();
  const text = (id: string): Promise<string | null> => watched.page.locator(`#${id}`).textContent();
  /** Nothing went wrong in the page, and it asked nobody but its driver. */
  const nothingStrange = (): void => {
    expect(watched.errors).toEqual([]);
    const { origin } = new URL(watched.page.url());
    expect(watched.requests.filter((url) => !url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url))).toEqual([]);
  };

  test("the page shows every rank's state as it changes, from the first to the last", async () => {
    await open();
    await shows("#no-job:visible");
    const job = cluster.spawn(gated, { gate });
    await shows('#job-state[data-state="computing"]');
    for (let rank = 0; rank < 6; rank++) await shows(`[data-rank="${rank}"][data-state="computing"]`);
    expect(await watched.page.locator("#rank-chart .state[data-lit] .count").allTextContents()).toEqual(["6"]);
    expect(await watched.page.locator("#job-chart .state[data-lit]").getAttribute("data-state")).toBe("computing");
    for (const host of ["desk", "node1", "node2", "node3"])
      await watched.page
        .locator(".host", { hasText: host })
        .getByText(/[\d.]+ cores · [\d.]+ MB · heard/)
        .waitFor();
    writeFileSync(gate, "");
    await job.result;
    await shows('#job-state[data-state="done"]');
    for (let rank = 0; rank < 6; rank++) await shows(`[data-rank="${rank}"][data-state="idle"]`);
    expect(await text("figure-done")).toBe("6 of 6");
    expect(await text("percent")).toBe("100 %");
    nothingStrange();
  });

  test("a rank that is chosen is followed on its own chart, with its last transitions", async () => {
    const job = cluster.spawn(gated, { gate });
    await open(job);
    await shows('[data-rank="3"][data-state="computing"]');
    await watched.page.locator('[data-rank="3"]').focus();
    await watched.page.keyboard.press("Enter");
    await shows("#followed:visible");
    expect(await text("rank-title")).toBe("Rank 3");
    await shows('#rank-chart .state[data-lit][data-state="computing"]');
    await shows('#rank-chart .edge[data-last][data-from="scattering"][data-to="computing"]');
    const rows = await watched.page.locator("#followed-rows tr").allTextContents();
    expect(rows[0]).toMatch(/scattering → computing.*kernel\.started/);
    writeFileSync(gate, "");
    await job.result;
    await shows('#rank-chart .state[data-lit][data-state="idle"]');
    nothingStrange();
  });

  test("cancel on the page ends the job, and the page says so", async () => {
    const job = cluster.spawn(polling, {});
    await open(job);
    await shows('[data-rank="5"][data-state="computing"]');
    await watched.page.click("#cancel");
    expect(await rejection(job.result)).toMatchObject({ reason: "cancelled on the inspector's page" });
    await shows('#job-state[data-state="cancelled"]');
    expect(await text("job-cause")).toBe("Reason: cancelled on the inspector's page");
    await shows("#cancel:disabled");
    nothingStrange();
  });

  test("a host that is killed turns red, with its reason", async () => {
    const job = cluster.spawn(gated, { gate });
    await open(job);
    await shows('[data-rank="4"][data-state="computing"]');
    process.kill(cluster.getSnapshot().hosts[2]!.pid!, "SIGKILL");
    await shows('[data-rank="3"][data-state="lost"]');
    await shows('[data-rank="4"][data-state="lost"]');
    await shows(".host[data-lost]");
    const lost = watched.page.locator(".host[data-lost]");
    expect(await lost.count()).toBe(1);
    expect(await lost.locator(".host-lost").textContent()).toContain(cluster.getSnapshot().hosts[2]!.lost);
    const [r = 0, g = 0, b = 0] = await lost.evaluate((host) => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d")!;
      canvas.fillStyle = getComputedStyle(host).borderLeftColor;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    });
    expect(r).toBeGreaterThan(1.5 * Math.max(g, b));
    writeFileSync(gate, "");
    expect(await job.result).toEqual([0, 1, 2, 3, 4, 5]);
    await shows('#job-state[data-state="done"]');
    nothingStrange();
  });

  test("a job that waits for its turn can be chosen and cancelled, and shows no ranks of another", async () => {
    const running = cluster.spawn(gated, { gate });
    const waiting = cluster.spawn(squares, { parts: 3 }, { queue: true });
    await open();
    await shows('[data-rank="5"][data-state="computing"]');
    await watched.page.selectOption("#jobs", waiting.id);
    await watched.page.locator("#job-state", { hasText: "waits for its turn" }).waitFor();
    expect(await text("job-id")).toBe(waiting.id);
    expect(await watched.page.locator("[data-rank]").count()).toBe(0);
    await watched.page.click("#cancel");
    await rejection(waiting.result);
    await shows('#job-state[data-state="cancelled"]');
    await watched.page.selectOption("#jobs", "");
    await shows('[data-rank="5"][data-state="computing"]');
    writeFileSync(gate, "");
    await running.result;
    nothingStrange();
  });

  test("who sends what to whom is shown by ranks while they work, to be read with pointer and keyboard, and by hosts", async () => {
    const { page } = watched;
    const job = cluster.spawn(sendThenWork, { gate });
    await open(job);
    await page.click("#traffic-ranks");
    await page.locator("#traffic-total", { hasText: "4.80 kB in 6 messages (least 4.80 kB, 1.00 ×)" }).waitFor();
    await page.focus("#traffic-canvas");
    await page.keyboard.press("ArrowRight");
    expect(await text("traffic-at")).toBe("rank 0 to rank 0: nothing");
    await page.keyboard.press("ArrowRight");
    expect(await text("traffic-at")).toBe("rank 0 to rank 1: 800 B in 1 message");
    const [empty, full] = await page.locator("#traffic-canvas").evaluate((element) => {
      const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(34, 20 + 14, 2 * 28, 1);
      return [14, 14 + 28].map((x) => [...data.subarray(4 * x, 4 * x + 3)].join());
    });
    expect(full).not.toBe(empty);
    const { x, y } = (await page.locator("#traffic-canvas").boundingBox())!;
    await page.mouse.move(x + 34 + 14, y + 20 + 28 * 5 + 14);
    expect(await text("traffic-at")).toBe("rank 5 to rank 0: 800 B in 1 message");
    await page.click("#traffic-hosts");
    await page.locator("#traffic-total", { hasText: "ranks to ranks of other hosts" }).waitFor();
    writeFileSync(gate, "");
    await job.result;
    nothingStrange();
  });

  test("a panel beyond the edge of the window is drawn when it comes in, as it is then", async () => {
    const { page } = watched;
    await page.setViewportSize({ width: 700, height: 300 });
    const job = cluster.spawn(gated, { gate });
    await open(job);
    await shows('#job-state[data-state="computing"]');
    writeFileSync(gate, "");
    await job.result;
    await shows('#job-state[data-state="done"]');
    expect(await page.locator('#job-chart .state[data-lit][data-state="done"]').count()).toBe(0);
    await page.locator("#chart").scrollIntoViewIfNeeded();
    await shows('#job-chart .state[data-lit][data-state="done"]');
    nothingStrange();
  });

  test("ranks that wait for each other in a ring are shown as perhaps stuck, each with what it waits for", async () => {
    const job = cluster.spawn(ringOfReceives, {});
    await open(job);
    await watched.page.locator("#stuck", { hasText: "These ranks wait for each other in a ring" }).waitFor();
    const lines = await watched.page.locator("#stuck li").allTextContents();
    expect(lines).toHaveLength(6);
    for (const [rank, line] of lines.entries())
      expect(line).toMatch(new RegExp(`^rank ${rank} waits for .* from rank ${(rank + 1) % 6}$`));
    await watched.page.locator('[data-rank="5"]', { hasText: "from rank 0" }).waitFor();
    job.cancel("seen", { force: true });
    await rejection(job.result);
    await watched.page.locator("#stuck").waitFor({ state: "hidden" });
    nothingStrange();
  });

  test("a page that is opened late or again shows what has happened, and a driver that ends is told", async () => {
    const job = cluster.spawn(squares, { parts: 500 });
    await job.result;
    await open(job);
    await shows('#job-state[data-state="done"]');
    await watched.page.locator("#timeline-empty").waitFor({ state: "hidden" });
    await watched.page.reload();
    await shows('#job-state[data-state="done"]');
    await cluster.close();
    await shows("#notice:visible");
    expect(await text("connection")).toBe("cluster closed");
    expect(await text("job-id")).toBe(job.id);
    nothingStrange();
  });

  test("a report is a page of its own, which shows the same and asks nobody", async () => {
    const job = cluster.spawn(squares, { parts: 500 });
    await job.result;
    await open(job);
    await shows('#job-state[data-state="done"]');
    const [download] = await Promise.all([watched.page.waitForEvent("download"), watched.page.click("#save")]);
    const file = join(folder, "report.html");
    await download.saveAs(file);
    const report = await watchedPage(context);
    await report.page.goto(`file://${file}`);
    await report.page.locator('#job-state[data-state="done"]').waitFor();
    expect(await report.page.locator("#job-id").textContent()).toBe(job.id);
    expect(await report.page.locator("[data-rank]").count()).toBe(6);
    expect(await report.page.locator("#figure-done").textContent()).toBe("500 of 500");
    expect(await report.page.locator("#cancel").isHidden()).toBe(true);
    expect(report.errors).toEqual([]);
    expect(report.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    nothingStrange();
  });

  test("a page on another port reads nothing and sends nothing, though the browser knows the inspector", async () => {
    const job = cluster.spawn(polling, {});
    await open(job);
    await shows('[data-rank="5"][data-state="computing"]');
    const { origin } = new URL(watched.page.url());
    const stranger = await serveStranger();
    try {
      const { page } = await watchedPage(context);
      await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
      const got = await page.evaluate(attack, { origin, body: JSON.stringify({ job: job.id, force: true }) });
      expect(got).toEqual({ read: [], statuses: [], frames: "blocked", events: "error" });
    } finally {
      await new Promise((resolve) => stranger.close(resolve).closeAllConnections());
    }
    expect(job.getSnapshot()).toMatchObject({ value: "computing", reason: null });
    job.cancel();
    await rejection(job.result);
  });
});

async function serveStranger(): Promise<Server> {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<p>A page.</p>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** All that a page can try at another address; it runs in the browser. What it could read is in the answer. */
async function attack({ origin, body }: { origin: string; body: string }) {
  const [read, statuses]: [string[], number[]] = [[], []];
  const tries: [string, RequestInit][] = ["/", "/feed", "/report?job=x"].flatMap((path): [string, RequestInit][] => [
    [path, { credentials: "include" }],
    [path, { credentials: "include", mode: "no-cors" }],
  ]);
  for (const mode of ["cors", "no-cors"] as const)
    for (const type of ["application/json", "text/plain"])
      tries.push([
        "/cancel",
        { method: "POST", credentials: "include", mode, body, headers: { "Content-Type": type } },
      ]);
  for (const [path, options] of tries) {
    try {
      const response = await fetch(origin + path, options);
      const text = await response.text();
      if (text !== "") read.push(text);
      if (response.status !== 0) statuses.push(response.status);
    } catch {
      // The browser does not let it through.
    }
  }
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: `${origin}/cancel`, enctype: "text/plain", target: "inside" });
  const frame = document.createElement("iframe");
  frame.name = "inside";
  document.body.append(frame, form);
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  form.submit();
  await loaded;
  const events = new EventSource(`${origin}/feed`, { withCredentials: true });
  const outcome = await new Promise<string>((resolve) => {
    events.onerror = () => resolve("error");
    events.onmessage = () => resolve("message");
  });
  events.close();
  let frames = "blocked";
  try {
    if (frame.contentDocument?.body.textContent) frames = frame.contentDocument.body.textContent;
  } catch {
    // Of another origin, as it should be.
  }
  return { read, statuses, frames, events: outcome };
}
