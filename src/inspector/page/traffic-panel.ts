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
  /** `parts`: between rank 0 and a host; `ranks`: from rank to rank; `relayed`: the same, by way of rank 0. */
  readonly kind: "parts" | "ranks" | "relayed";
}

const kinds: Readonly<Record<Flow["kind"], string>> = {
  parts: "parts, partials and control",
  ranks: "from rank to rank, directly",
  relayed: "from rank to rank, by way of rank 0",
};
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
    const names = [...new Set(state.hosts.map(({ name }) => name))];
    const flows = flowsOf(job, names[0]!);
    const text = JSON.stringify([names, flows]);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#table.replaceChildren(...rowsOf(names, flows));
    setText(byId("traffic-total"), totalOf(flows));
    setText(
      byId("traffic-note"),
      job.phase === "running" ? "What ranks of different hosts say to each other is added when the job ends." : "",
    );
  }
}

/** @param driver the host of rank 0, the centre of the star */
function flowsOf({ stats }: JobState, driver: string): Flow[] {
  const star = Object.entries(stats.byHost).flatMap(([host, { sent, received }]): Flow[] => [
    { from: driver, to: host, ...sent, kind: "parts" },
    { from: host, to: driver, ...received, kind: "parts" },
  ]);
  const between = stats.between.map(({ direct, ...flow }): Flow => ({ ...flow, kind: direct ? "ranks" : "relayed" }));
  return [...star, ...between].filter(({ messages }) => messages > 0);
}

function rowsOf(names: readonly string[], flows: readonly Flow[]): HTMLElement[] {
  const sums = new Map<string, number>();
  for (const { from, to, bytes } of flows) sums.set(`${from}\n${to}`, (sums.get(`${from}\n${to}`) ?? 0) + bytes);
  const most = Math.max(1, ...sums.values());
  const head = names.map((name) => h("th", { scope: "col" }, name));
  const rows = names.map((from) => {
    const cells = names.map((to) =>
      cellOf(
        flows.filter((flow) => flow.from === from && flow.to === to),
        most,
      ),
    );
    return h("tr", {}, h("th", { scope: "row" }, from), ...cells);
  });
  return [h("tr", {}, h("th", { scope: "col" }, "from ↓ to →"), ...head), ...rows];
}

/** @param flows from one host to one other */
function cellOf(flows: readonly Flow[], most: number): HTMLElement {
  if (flows.length === 0) return h("td", { class: "none" }, "–");
  const [bytes, messages] = [sum(flows, "bytes"), sum(flows, "messages")];
  const title = flows.map((flow) => `${kinds[flow.kind]}: ${flow.bytes} bytes in ${flow.messages} messages`).join("\n");
  const cell = h("td", { title }, formatBytes(bytes), h("small", {}, `${formatCount(messages)} msg`));
  // By the root: what is a hundredth of the most is still to be seen.
  cell.style.setProperty("--heat", String(Math.sqrt(bytes / most)));
  return cell;
}

/** In all, and of that by kind. */
function totalOf(flows: readonly Flow[]): string {
  const all = `${formatBytes(sum(flows, "bytes"))} in ${formatCount(sum(flows, "messages"))} messages`;
  const ofRanks = flows.filter(({ kind }) => kind !== "parts");
  return ofRanks.length === 0 ? all : `${all}, ${formatBytes(sum(ofRanks, "bytes"))} of it from rank to rank`;
}

function sum(flows: readonly Flow[], key: "bytes" | "messages"): number {
  return flows.reduce((total, flow) => total + flow[key], 0);
}
