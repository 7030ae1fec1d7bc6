/** Traffic by pair of hosts, as a table whose cells are the darker the more went. */
import { formatBytes, formatCount } from "../../terminal/format.ts";
import type { JobState } from "../protocol.ts";
import { h } from "./dom.ts";
import { leastWords } from "./least-words.ts";

export interface Flow {
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

/** @param driver the host of rank 0, the centre of the star */
export function flowsOf({ stats }: JobState, driver: string): Flow[] {
  const star = Object.entries(stats.byHost).flatMap(([host, { sent, received }]): Flow[] => [
    { from: driver, to: host, ...sent, kind: "parts" },
    { from: host, to: driver, ...received, kind: "parts" },
  ]);
  const between = stats.between.map(({ direct, ...flow }): Flow => ({ ...flow, kind: direct ? "ranks" : "relayed" }));
  return [...star, ...between].filter(({ messages }) => messages > 0);
}

/** In all, of that from rank to rank, and the least that could have done where it is known. */
export function hostTotals({ stats }: JobState, flows: readonly Flow[]): string {
  const parts = flows.filter(({ kind }) => kind === "parts");
  const ranks = flows.filter(({ kind }) => kind !== "parts");
  const known = Number(stats.notes.leastBytes ?? 0);
  const words = [`Parts and results: ${amountOf(parts)}${leastWords(sum(parts, "bytes"), known)}`];
  if (ranks.length > 0)
    words.push(
      `ranks to ranks of other hosts: ${amountOf(ranks)}${leastWords(sum(ranks, "bytes"), stats.least.hosts)}`,
    );
  return words.join(" · ");
}

export class HostHeat {
  readonly #table: Element;
  #shown = "";

  constructor(table: Element) {
    this.#table = table;
  }

  show(names: readonly string[], flows: readonly Flow[]): void {
    const text = JSON.stringify([names, flows]);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#table.replaceChildren(...rowsOf(names, flows));
  }
}

function rowsOf(names: readonly string[], flows: readonly Flow[]): HTMLElement[] {
  const cells = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = `${flow.from}\n${flow.to}`;
    cells.set(key, [...(cells.get(key) ?? []), flow]);
  }
  const most = Math.max(1, ...[...cells.values()].map((each) => sum(each, "bytes")));
  const head = names.map((name) => h("th", { scope: "col" }, name));
  const rows = names.map((from) => {
    const row = names.map((to) => cellOf(cells.get(`${from}\n${to}`) ?? [], most));
    return h("tr", {}, h("th", { scope: "row" }, from), ...row);
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

function amountOf(flows: readonly Flow[]): string {
  return `${formatBytes(sum(flows, "bytes"))} in ${formatCount(sum(flows, "messages"))} messages`;
}

function sum(flows: readonly Flow[], key: "bytes" | "messages"): number {
  return flows.reduce((total, flow) => total + flow[key], 0);
}
