/** The report of `mpits check` for people: a table with a host per line, or a paragraph per host where the terminal is narrow. Pure. */
import type { CheckedHost, CheckedLine, CheckPhase, CheckReport } from "../index.ts";
import { formatBytes } from "../terminal/format.ts";
import { displayWidth, oneLine } from "../terminal/width.ts";

export interface TableStyle {
  /** Width of the terminal; undefined: as wide as it gets. */
  readonly columns: number | undefined;
  readonly colour: boolean;
}

type Mark = "ok" | "failed" | "skipped";

interface Cell {
  readonly mark?: Mark | undefined;
  readonly text: string;
}

/** What a phase means to a person, and which phases are one. */
const stages: readonly [title: string, phases: readonly CheckPhase[]][] = [
  ["reachable", ["resolve", "connect"]],
  ["host key", ["host key"]],
  ["login", ["authenticate"]],
  ["node", ["find node"]],
  ["sync", ["sync"]],
  ["mpits", ["check versions"]],
  ["start", ["start"]],
  ["callback", ["call back"]],
  ["ranks", ["work"]],
];
const titles = [
  "host",
  ...stages.map(([title]) => title),
  "machine",
  "cores",
  "memory",
  "matMul",
  "clock",
  "round trip",
  "to host",
  "from host",
];
const signs: Record<Mark, string> = { ok: "✓", failed: "✗", skipped: "–" };
const colours: Record<Mark | "warning" | "dim", number> = { ok: 32, failed: 31, skipped: 2, warning: 33, dim: 2 };
const gap = "  ";

/** @returns lines, the last one with its end */
export function formatCheck(report: CheckReport, style: TableStyle): string {
  const rows = report.hosts.map(cellsOf);
  const shown = titles.map((_, i) => rows.some((row) => row[i]!.text !== "" || row[i]!.mark)); // no columns for ssh without it
  const table = tableOf(rows, shown, style);
  const fits = style.columns === undefined || table.every(({ width }) => width <= style.columns!);
  const lines = fits ? table.map(({ text }) => text) : paragraphsOf(rows, shown, style);
  return `${[...lines, ...remarksOf(report, style), "", sumUp(report)].join("\n")}\n`;
}

function cellsOf(host: CheckedHost): Cell[] {
  const { machine, line } = host;
  return [
    { text: oneLine(host.name) },
    ...stages.map(([title, phases]) => stageCell(host, title, phases)),
    { text: machine ? `${machine.platform} ${machine.architecture}` : "" },
    { text: machine ? String(machine.cores) : "" },
    { text: machine ? formatBytes(machine.memoryBytes) : "" },
    { text: oneLine(host.arithmetic ?? "") },
    { text: line ? clockText(line) : "" },
    { text: line ? milliseconds(line.roundTripMs) : "" },
    { text: line ? rateText(line.toHostBytesPerS) : "" },
    { text: line ? rateText(line.fromHostBytesPerS) : "" },
  ];
}

function stageCell(host: CheckedHost, title: string, phases: readonly CheckPhase[]): Cell {
  const states = host.phases.filter(({ phase }) => phases.includes(phase)).map(({ state }) => state);
  const mark = (["failed", "skipped", "ok"] as const).find((state) => states.includes(state));
  const { nodeVersion, packageVersion } = host.machine ?? {};
  const known = {
    node: nodeVersion,
    mpits: packageVersion,
    ranks: mark === "ok" ? String(host.ranks.length) : undefined,
  };
  return { mark, text: known[title as keyof typeof known] ?? "" };
}

function clockText({ clockOffsetMs, clockUncertaintyMs }: CheckedLine): string {
  if (Math.abs(clockOffsetMs) <= clockUncertaintyMs) return `±${milliseconds(clockUncertaintyMs)}`;
  return `${clockOffsetMs > 0 ? "+" : "-"}${milliseconds(Math.abs(clockOffsetMs))}`;
}

function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function rateText(bytesPerS: number | null): string {
  return bytesPerS === null ? "?" : `${formatBytes(bytesPerS)}/s`;
}

function tableOf(
  rows: readonly Cell[][],
  shown: readonly boolean[],
  style: TableStyle,
): { text: string; width: number }[] {
  const head = titles.map((text): Cell => ({ text }));
  const widths = titles.map((_, i) => Math.max(...[head, ...rows].map((row) => displayWidth(plain(row[i]!)))));
  const lineOf = (row: readonly Cell[], paintText: (text: string) => string) => {
    const cells = row.flatMap((cell, i) => (shown[i] ? [{ cell, pad: widths[i]! - displayWidth(plain(cell)) }] : []));
    const text = cells.map(({ cell, pad }) => painted(cell, style, paintText) + " ".repeat(pad)).join(gap);
    const width = cells.reduce((sum, { cell, pad }) => sum + displayWidth(plain(cell)) + pad + gap.length, -gap.length);
    return { text: text.trimEnd(), width };
  };
  return [lineOf(head, (text) => paint(text, "dim", style)), ...rows.map((row) => lineOf(row, (text) => text))];
}

function paragraphsOf(rows: readonly Cell[][], shown: readonly boolean[], style: TableStyle): string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    row[0]!.text,
    ...row.flatMap((cell, i) =>
      i > 0 && shown[i] && plain(cell) !== ""
        ? [`${gap}${paint(titles[i]!.padEnd(11), "dim", style)}${painted(cell, style, (text) => text)}`]
        : [],
    ),
  ]);
}

/** What is wrong and what to try, then what may surprise, then where Node is. */
function remarksOf({ hosts }: CheckReport, style: TableStyle): string[] {
  const problems = hosts.flatMap(({ name, problem }) => {
    if (!problem) return [];
    const { phase, message, remedy } = problem;
    const [first = "", ...rest] = message.replace(remedy === "" ? "" : ` ${remedy}`, "").split("\n");
    return [
      `${paint(signs.failed, "failed", style)} ${oneLine(name)} (${phase}): ${oneLine(first)}`,
      ...(remedy === "" ? [] : [`${gap}→ ${oneLine(remedy)}`]),
      ...rest.map((line) => `${gap}  ${oneLine(line)}`),
    ];
  });
  const warnings = hosts.flatMap(({ name, warnings: texts }) =>
    texts.map((text) => `${paint("!", "warning", style)} ${oneLine(name)}: ${text}`),
  );
  const nodes = new Map<string, string[]>();
  for (const { name, machine } of hosts)
    if (machine) nodes.set(machine.node, [...(nodes.get(machine.node) ?? []), name]);
  const places = [...nodes].map(([node, names]) =>
    paint(`node is ${oneLine(node)} on ${oneLine(names.join(", "))}`, "dim", style),
  );
  return [[...problems, ...warnings], places].flatMap((part) => (part.length > 0 ? ["", ...part] : []));
}

function sumUp({ hosts, elapsedMs }: CheckReport): string {
  const good = hosts.filter(({ ok }) => ok);
  const ranks = good.reduce((sum, host) => sum + host.ranks.length, 0);
  const seconds = (elapsedMs / 1000).toFixed(1);
  const counted = good.length === hosts.length ? `all ${hosts.length}` : `${good.length} of ${hosts.length}`;
  const who = hosts.length === 1 ? (good.length === 1 ? "this machine" : "not even this machine") : `${counted} hosts`;
  return `${who} can compute, with ${ranks} ${ranks === 1 ? "rank" : "ranks"} (checked in ${seconds} s)`;
}

function plain({ mark, text }: Cell): string {
  return [mark === undefined ? "" : signs[mark], text].filter((part) => part !== "").join(" ");
}

function painted({ mark, text }: Cell, style: TableStyle, paintText: (text: string) => string): string {
  const parts = [mark === undefined ? "" : paint(signs[mark], mark, style), text === "" ? "" : paintText(text)];
  return parts.filter((part) => part !== "").join(" ");
}

function paint(text: string, colour: keyof typeof colours, { colour: wanted }: TableStyle): string {
  return wanted ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text;
}
