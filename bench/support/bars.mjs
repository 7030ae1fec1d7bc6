// Ratios as bars on a logarithmic axis, as SVG: to the right of 1 we are the better. A small line marks what was to be reached.
import { digits } from "./markdown.mjs";

const left = 420;
const width = 400;
const line = 20;

export function ratioBars(results) {
  const bars = results.flatMap(({ rows }) =>
    rows.flatMap((row) =>
      row.peers
        .filter(({ ratio }) => ratio)
        .map(({ name, ratio, reach }) => ({ label: `${row.what}: against ${name}`, ratio: ratio.median, reach })),
    ),
  );
  const all = bars.flatMap(({ ratio, reach }) => [ratio, reach ?? 1]);
  const from = Math.floor(Math.log10(Math.min(0.1, ...all)));
  const to = Math.ceil(Math.log10(Math.max(10, ...all)));
  const x = (value) => left + ((Math.log10(value) - from) / (to - from)) * width;
  const height = bars.length * line + 50;
  const decades = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return svg(left + width + 90, height, [
    ...decades.map((value) => gridLine(x(value), height - 30, `${Number(value.toPrecision(1))} ×`, value === 1)),
    ...bars.map((bar, i) => barOf(bar, 10 + i * line, x)),
  ]);
}

function svg(w, h, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="sans-serif" font-size="12">`,
    `<rect width="${w}" height="${h}" fill="#fff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

function gridLine(x, bottom, label, strong) {
  return `<line x1="${x}" x2="${x}" y1="5" y2="${bottom}" stroke="${strong ? "#555" : "#ddd"}"/><text x="${x}" y="${bottom + 16}" text-anchor="middle" fill="#555">${label}</text>`;
}

function barOf({ label, ratio, reach }, y, x) {
  const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
  const fill = ratio >= (reach ?? 1) ? "#3a7" : "#c74";
  const goal =
    reach === undefined
      ? ""
      : `<line x1="${x(reach)}" x2="${x(reach)}" y1="${y - 2}" y2="${y + 16}" stroke="#000" stroke-width="2"/>`;
  return [
    `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${escaped(label)}</text>`,
    `<rect x="${from.toFixed(1)}" y="${y}" width="${(to - from).toFixed(1)}" height="14" fill="${fill}"/>${goal}`,
    `<text x="${(to + 5).toFixed(1)}" y="${y + 11}">${digits(ratio)} ×</text>`,
  ].join("");
}
