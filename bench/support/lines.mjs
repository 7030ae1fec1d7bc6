// Curves over logarithmic axes, as SVG: what grows in proportion to x is a straight line that climbs a decade per decade.
import { digits } from "./markdown.mjs";
import { line, logScale, svg, text } from "./svg.mjs";

const box = { left: 60, top: 20, width: 420, height: 320 };
const colours = ["#2266bb", "#bb5522", "#228855", "#884499", "#777722", "#444444"];

/** @param curves `{ name, points: [[x, y], …] }`, all values above 0 */
export function lines(curves, { x: xName, y: yName }) {
  const points = curves.flatMap((curve) => curve.points);
  const bottom = box.top + box.height;
  const x = logScale(
    points.map(([value]) => value),
    box.left,
    box.width,
  );
  const y = logScale(
    points.map(([, value]) => value),
    bottom,
    -box.height,
  );
  return svg(box.left + box.width + 230, bottom + 50, [
    ...x.decades.map(
      (value) =>
        line(x.at(value), box.top, x.at(value), bottom, "#ddd") +
        text(x.at(value), bottom + 16, digits(value), { anchor: "middle" }),
    ),
    ...y.decades.map(
      (value) =>
        line(box.left, y.at(value), box.left + box.width, y.at(value), "#ddd") +
        text(box.left - 6, y.at(value) + 4, digits(value), { anchor: "end" }),
    ),
    text(box.left + box.width / 2, bottom + 36, xName, { anchor: "middle" }),
    text(box.left - 40, box.top - 6, yName),
    ...curves.map((curve, i) => path(curve, x, y, colours[i % colours.length])),
    ...names(curves, x, y),
  ]);
}

function path({ points }, x, y, colour) {
  const steps = points.map(([a, b], i) => `${i === 0 ? "M" : "L"}${x.at(a).toFixed(1)} ${y.at(b).toFixed(1)}`);
  return `<path d="${steps.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

/** Each curve's name at its end, the highest first, and none over another. */
function names(curves, x, y) {
  const ends = curves.map(({ name, points }, i) => ({ name, colour: colours[i % colours.length], end: points.at(-1) }));
  let free = 0;
  return ends
    .sort((a, b) => b.end[1] - a.end[1])
    .map(({ name, colour, end }) => {
      const at = Math.max(free, y.at(end[1]) + 4);
      free = at + 14;
      return text(x.at(end[0]) + 8, at, name, { fill: colour });
    });
}
