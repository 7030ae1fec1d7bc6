// Results as Markdown tables.
import { isSlower, verdictsOf } from "./verdict.mjs";

/** All rows of a suite, one line per row and peer. */
export function suiteTable({ title, rows }) {
  const lines = rows.flatMap((row) => [
    ourLine(row),
    ...baseLines(row),
    ...row.peers.map((peer) => peerLine(row, peer)),
  ]);
  return [
    `### ${title}`,
    "",
    "| what | who | median (quartiles) | mpits is … as good (quartiles) | to reach | |",
    "|---|---|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
}

/** Only what was to be reached, over all suites. */
export function promiseTable(results) {
  const lines = results.flatMap(({ rows }) =>
    rows.flatMap((row) =>
      verdictsOf(row).map(({ against, target, got, reached }) => {
        const isLimit = row.limit?.[against] !== undefined;
        const words = isLimit
          ? `${against} ${row.better === "less" ? "≤" : "≥"} ${amount(target, row.unit)}`
          : `≥ ${digits(target)} × ${against}`;
        const value = got === undefined ? "not measured" : isLimit ? amount(got, row.unit) : `${digits(got)} ×`;
        return `| ${row.what} | ${words} | ${value} | ${mark(reached)} |`;
      }),
    ),
  );
  return ["| what | to reach | got | |", "|---|---|---|---|", ...lines, ""].join("\n");
}

function ourLine({ what, unit, ours, limit, better }) {
  const entries = Object.entries(limit ?? {});
  const words = entries
    .map(([which, most]) => `${which} ${better === "less" ? "≤" : "≥"} ${amount(most, unit)}`)
    .join(", ");
  const reached = entries.every(([which, most]) => (better === "less" ? ours[which] <= most : ours[which] >= most));
  const p99 = limit?.p99 === undefined ? "" : `; p99 ${amount(ours.p99, unit)}`;
  return `| ${what} | mpits | ${spread(ours, unit)}${p99} | | ${words} | ${entries.length > 0 ? mark(reached) : ""} |`;
}

function baseLines(row) {
  if (!row.base) return [];
  if (row.base.missing) return ["| | base | does not run there | | | |"];
  return [`| | base | ${spread(row.base, row.unit)} | ${ratio(row.base.ratio)} | | ${isSlower(row) ? "slower" : ""} |`];
}

function peerLine({ unit }, peer) {
  const reach = peer.reach === undefined ? "" : `≥ ${digits(peer.reach)} ×`;
  if (peer.missing) return `| | ${peer.name} | not measured: ${peer.missing} | | ${reach} | |`;
  const reached = peer.reach === undefined ? "" : mark(peer.ratio.median >= peer.reach);
  return `| | ${peer.name} | ${spread(peer, unit)} | ${ratio(peer.ratio)} | ${reach} | ${reached} |`;
}

function mark(reached) {
  return reached ? "✓" : "✗";
}

function ratio({ median, low, high }) {
  return `${digits(median)} × (${digits(low)}–${digits(high)})`;
}

function spread({ median, low, high }, unit) {
  const [scale, prefix] = scaleOf(median);
  return `${digits(median / scale)} ${prefix}${unit} (${digits(low / scale)}–${digits(high / scale)})`;
}

function amount(value, unit) {
  const [scale, prefix] = scaleOf(value);
  return `${digits(value / scale)} ${prefix}${unit}`;
}

/** Rates of millions and more are easier to read with a prefix. */
function scaleOf(value) {
  if (value >= 1e9) return [1e9, "G "];
  if (value >= 1e6) return [1e6, "M "];
  if (value >= 1e5) return [1e3, "k "];
  return [1, ""];
}

/** Three significant digits. */
export function digits(value) {
  if (value === 0) return "0";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3).replace(/\.?0+$/, "");
}
