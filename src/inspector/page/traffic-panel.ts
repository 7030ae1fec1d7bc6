/** Who has sent how much to whom, as a heat map: a row for each sender, a column for each receiver. */
import { formatBytes, formatCount } from "../../terminal/format.ts";
import type { JobState } from "../protocol.ts";
import { byId, h, setText } from "./dom.ts";
import type { Model } from "./model.ts";

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly messages: number;
}

const redrawMs = 500;

export class TrafficPanel {
  readonly #table = byId("traffic-table");
  #shown = "";
  #drawnMs = 0;

  show({ state }: Model): void {
    const job = state?.job;
    const now = performance.now();
    if (!job || (job.phase === "running" && now - this.#drawnMs < redrawMs)) return;
    this.#drawnMs = now;
    const names = state.hosts.map(({ name }) => name);
    const flows = flowsOf(job, names[0] ?? "driver");
    const text = JSON.stringify(flows);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#table.replaceChildren(...rowsOf(names, flows));
    const bytes = flows.reduce((sum, flow) => sum + flow.bytes, 0);
    const messages = flows.reduce((sum, flow) => sum + flow.messages, 0);
    setText(byId("traffic-total"), `${formatBytes(bytes)} in ${formatCount(messages)} messages`);
  }
}

/** The star: the driver (rank 0's host) and each host. */
function flowsOf({ stats }: JobState, driver: string): Flow[] {
  return Object.entries(stats.byHost).flatMap(([host, { sent, received }]) => [
    { from: driver, to: host, ...sent },
    { from: host, to: driver, ...received },
  ]);
}

function rowsOf(names: readonly string[], flows: readonly Flow[]): HTMLElement[] {
  const most = Math.max(1, ...flows.map(({ bytes }) => bytes));
  const unique = [...new Set(names)];
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, "from ↓ to →"),
    ...unique.map((name) => h("th", { scope: "col" }, name)),
  );
  return [
    head,
    ...unique.map((from) =>
      h("tr", {}, h("th", { scope: "row" }, from), ...unique.map((to) => cellOf(flows, from, to, most))),
    ),
  ];
}

function cellOf(flows: readonly Flow[], from: string, to: string, most: number): HTMLElement {
  const flow = flows.find((each) => each.from === from && each.to === to);
  if (!flow || flow.messages === 0) return h("td", { class: "none" }, "–");
  const cell = h(
    "td",
    { title: `${from} to ${to}: ${flow.bytes} bytes in ${flow.messages} messages` },
    formatBytes(flow.bytes),
    h("small", {}, `${formatCount(flow.messages)} msg`),
  );
  // By the logarithm: a matrix and a cancel are both worth seeing.
  cell.style.setProperty("--heat", String(Math.log1p(flow.bytes) / Math.log1p(most)));
  return cell;
}
