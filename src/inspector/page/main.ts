/** The inspector's page: joins its source, what it knows, and its panels, of which those are drawn that can be seen. */
import { ChartPanel } from "./chart-panel.ts";
import { byId, h, keyed, setAttribute, setText } from "./dom.ts";
import { InView } from "./in-view.ts";
import { JobPanel } from "./job-panel.ts";
import { LogsPanel } from "./logs-panel.ts";
import { type Connection, Model } from "./model.ts";
import { Pace } from "./pace.ts";
import { RanksPanel } from "./ranks-panel.ts";
import { RatesPanel } from "./rates-panel.ts";
import { embeddedData, Source } from "./source.ts";
import { signOf } from "./states.ts";
import { StuckBanner } from "./stuck-banner.ts";
import { TimelinePanel } from "./timeline-panel.ts";
import { TrafficPanel } from "./traffic-panel.ts";

const connectionTexts: Readonly<Record<Connection, string>> = {
  connecting: "connecting …",
  live: "live",
  lost: "connection lost",
  closed: "cluster closed",
  refused: "not admitted",
  report: "report",
};

const notices: Readonly<Partial<Record<Connection, string>>> = {
  lost: "The driver can't be reached any more: its program has ended, or the way to it is cut. What you see is how it was last.",
  closed: "The cluster was closed and its driver serves no more. What you see is how it ended.",
  refused: "This page has no session with the driver. Get a fresh link: mpits inspect JOB --open",
};

const model = new Model();
const data = embeddedData();
const source = data ? undefined : new Source({ event: take, connection: connected });
const pace = new Pace(draw);
let changed = false;
const titleEveryMs = 2000;
let titledMs = Number.NEGATIVE_INFINITY;

const select = (rank: number | undefined): void => {
  model.selected = model.selected === rank ? undefined : rank;
  redraw();
};
const stuck = new StuckBanner();
const rates = new RatesPanel();
const traffic = new TrafficPanel(redraw);
const timeline = new TimelinePanel(select, redraw);
/** By the section that each is in. */
const panels = Object.entries({
  job: new JobPanel((force) => void cancel(force)),
  chart: new ChartPanel(select),
  ranks: new RanksPanel(select),
  timeline,
  rate: rates,
  traffic,
  logs: new LogsPanel(redraw),
});
const inView = new InView(
  panels.map(([section]) => section),
  redraw,
);

byId("jobs").addEventListener("change", ({ target }) => {
  const { value } = target as HTMLSelectElement;
  source?.follow(value === "" ? undefined : value);
});
byId("save").addEventListener("click", () => void save());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  timeline.recolour();
  rates.recolour();
  traffic.recolour();
  redraw();
});

addEventListener("beforeprint", () => showAll());

begin();

function begin(): void {
  if (!data) {
    const job = new URLSearchParams(location.search).get("job") ?? undefined;
    return source!.follow(job);
  }
  model.take("state", data.state);
  model.take("records", data.records);
  model.take("samples", data.samples);
  model.take("traffic", data.traffic);
  model.take("lines", data.lines);
  connected("report");
}

function take(...[name, value]: Parameters<Model["take"]>): void {
  model.take(name, value);
  changed = true;
  pace.soon();
}

function connected(state: Connection): void {
  model.connection = state;
  redraw();
}

/** For what the person at the page has done. */
function redraw(): void {
  changed = true;
  pace.now();
}

/** True when the timeline goes on by itself: while somebody is at it. */
function draw(): boolean {
  if (!changed) timeline.move();
  else if (model.connection === "live") showSeen();
  else showAll();
  changed = false;
  return timeline.moves;
}

function showSeen(): void {
  for (const [section, panel] of panels) if (inView.has(section)) panel.show(model);
  showHead();
}

/** What will not change any more is drawn once, seen or not. */
function showAll(): void {
  for (const [, panel] of panels) panel.show(model);
  showHead();
}

function showHead(): void {
  const { connection, state } = model;
  stuck.show(model);
  const live = byId("connection");
  setAttribute(live, "data-connection", connection);
  setText(live, connectionTexts[connection]);
  const notice = byId("notice");
  setText(notice, notices[connection] ?? "");
  setAttribute(notice, "hidden", notices[connection] === undefined);
  setAttribute(byId("save"), "hidden", connection !== "live" || !state?.job);
  setText(
    byId("driver"),
    state
      ? `${state.driver.program} · process ${state.driver.pid} on ${state.driver.machine} · mpits ${state.driver.version}`
      : "",
  );
  const job = state?.job?.snapshot;
  showTitle(job ? `${signOf(job.value)} ${job.id} – mpits` : "mpits", state?.job?.phase === "running");
  showJobs();
}

/** Of short jobs, one after the other, not every one: a tab's title costs its browser more than all else in the page. */
function showTitle(title: string, running: boolean): void {
  const now = performance.now();
  if (document.title === title || (running && now - titledMs < titleEveryMs)) return;
  titledMs = now;
  document.title = title;
}

/** The list to choose from; by default the latest job is followed. */
function showJobs(): void {
  const list = byId<HTMLSelectElement>("jobs");
  const jobs = [...(model.state?.jobs ?? [])]
    .reverse()
    .map(({ id, value, phase }) => ({ id, text: `${id} – ${phase === "queued" ? "waiting" : value}` }));
  keyed(
    list,
    [{ id: "", text: "the latest job" }, ...jobs],
    ({ id }) => id,
    ({ id }) => h("option", { value: id }),
    (option, { text }) => setText(option, text),
  );
}

async function cancel(force: boolean): Promise<void> {
  const job = model.state?.job?.snapshot.id;
  if (job === undefined || !source) return;
  if (!(await source.cancel({ job, force }))) setText(byId("force-note"), "The driver could not be told.");
}

async function save(): Promise<void> {
  const job = model.state?.job?.snapshot.id;
  const html = job === undefined ? undefined : await source?.report(job);
  if (html === undefined) return;
  const link = h("a", { href: URL.createObjectURL(new Blob([html], { type: "text/html" })), download: `${job}.html` });
  link.click();
  URL.revokeObjectURL(link.href);
}
