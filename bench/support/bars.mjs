// Ratios as bars on a logarithmic axis, as SVG: to the right of 1 we are the better. A small line marks what was to be reached.
import { digits } from "./markdown.mjs";
import { line, logScale, svg, text } from "./svg.mjs";

const left = 420;
const width = 400;
const rowHeight = 20;

export function ratioBars(results) {
  const bars = results.flatMap(({ rows }) => rows.flatMap(barsOf));
  const scale = logScale([0.1, 10, ...bars.flatMap(({ ratio, reach }) => [ratio, reach ?? 1])], left, width);
  const bottom = bars.length * rowHeight + 20;
  return svg(left + width + 90, bottom + 30, [
    ...scale.decades.map((value) => gridLine(scale.at(value), bottom, value)),
    ...bars.flatMap((bar, i) => drawn(bar, 10 + i * rowHeight, scale)),
  ]);
}

function barsOf({ what, peers }) {
  return peers
    .filter(({ ratio }) => ratio)
    .map(({ name, ratio, reach }) => ({ label: `${what}: against ${name}`, ratio: ratio.median, reach }));
}

function gridLine(x, bottom, value) {
  const label = text(x, bottom + 16, `${digits(value)} ×`, { anchor: "middle", fill: "#555" });
  return line(x, 5, x, bottom, value === 1 ? "#555" : "#ddd") + label;
}

function drawn({ label, ratio, reach }, y, { at }) {
  const [from, to] = [Math.min(at(1), at(ratio)), Math.max(at(1), at(ratio))];
  const fill = ratio >= (reach ?? 1) ? "#33aa77" : "#cc7744";
  return [
    text(left - 8, y + 11, label, { anchor: "end" }),
    `<rect x="${from.toFixed(1)}" y="${y}" width="${(to - from).toFixed(1)}" height="14" fill="${fill}"/>`,
    ...(reach === undefined ? [] : [line(at(reach), y - 2, at(reach), y + 16, "#000", 2)]),
    text(to + 5, y + 11, `${digits(ratio)} ×`),
  ];
}
