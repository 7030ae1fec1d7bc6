/** The inspector's page: joins its source, what it knows, and its panels. All drawing happens once a frame, when something has changed. */
import { ChartPanel } from "./chart-panel.ts";
import { byId, h, keyed, setAttribute, setText } from "./dom.ts";
import { JobPanel } from "./job-panel.ts";
import { LogsPanel } from "./logs-panel.ts";
import { type Connection, Model } from "./model.ts";
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
let scheduled = false;
let changed = false;

const select = (rank: number | undefined): void => {
  model.selected = model.selected === rank ? undefined : rank;
  redraw();
};
const panels = [
  new StuckBanner(),
  new JobPanel((force) => void cancel(force)),
  new ChartPanel(select),
  new RanksPanel(select),
  new RatesPanel(),
  new TrafficPanel(),
  new LogsPanel(redraw),
];
const timeline = new TimelinePanel(select, redraw);

byId("jobs").addEventListener("change", ({ target }) => {
  const { value } = target as HTMLSelectElement;
  source?.follow(value === "" ? undefined : value);
});
byId("save").addEventListener("click", () => void save());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  timeline.recolour();
  for (const panel of panels) if (panel instanceof RatesPanel) panel.recolour();
  redraw();
});

begin();

function begin(): void {
  if (!data) {
    const job = new URLSearchParams(location.search).get("job") ?? undefined;
    return source!.follow(job);
  }
  model.take("state", data.state);
  model.take("records", data.records);
  model.take("samples", data.samples);
  model.take("lines", data.lines);
  connected("report");
}

function take(...[name, value]: Parameters<Model["take"]>): void {
  model.take(name, value);
  redraw();
}

function connected(state: Connection): void {
  model.connection = state;
  redraw();
}

function redraw(): void {
  changed = true;
  schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(draw);
}

/** Panels change with what is told, some times a second; the timeline moves with every frame. */
function draw(): void {
  scheduled = false;
  if (changed) {
    for (const panel of panels) panel.show(model);
    timeline.show(model);
    showHead();
  } else timeline.move();
  changed = false;
  if (timeline.moves) schedule();
}

function showHead(): void {
  const { connection, state } = model;
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
  document.title = job ? `${signOf(job.value)} ${job.id} – mpits` : "mpits";
  showJobs();
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
