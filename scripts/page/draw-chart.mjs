/**
 * Draws a state machine from its own definition: xstate says what its states and transitions are, elk where they go. The
 * result is an SVG whose states and edges carry their names (`data-state`, `data-from`, `data-to`), for the page to light.
 */
import ELK from "elkjs/lib/elk.bundled.js";
import { toDirectedGraph } from "xstate/graph";

const character = 6.7; // of a 11 px monospaced font
const lineHeight = 13;
const box = { width: 150, height: 46 };
const anyState = "any state";

const layoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.spacing.nodeNode": "22",
  "elk.spacing.edgeEdge": "10",
  "elk.spacing.edgeNode": "12",
  "elk.layered.spacing.nodeNodeBetweenLayers": "34",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.edgeLabels.inline": "false",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.spacing.componentComponent": "10",
  "elk.padding": "[top=8,left=8,bottom=8,right=8]",
};

/** @param machine one level deep, as a chart people can read at a glance is */
export async function drawChart(machine) {
  const { states, edges } = chartOf(toDirectedGraph(machine));
  const laid = await new ELK().layout({
    id: machine.id,
    layoutOptions,
    children: states.map(({ name }) => ({
      id: name,
      ...(name === anyState ? { width: 84, height: 26 } : box),
      ...(name === machine.config.initial && { layoutOptions: { "elk.layered.layering.layerConstraint": "FIRST" } }),
    })),
    edges: edges.map(({ from, to, events }, i) => ({
      id: String(i),
      sources: [from],
      targets: [to],
      labels: [{ text: events.join("\n"), ...sizeOf(events) }],
    })),
  });
  return svgOf(machine.id, laid, states, edges);
}

/** What toDirectedGraph leaves out: transitions that need no event. */
function alwaysOf({ stateNode }) {
  return (stateNode.always ?? []).map(({ target, guard }) => ({ to: target[0].key, event: guard ?? "always" }));
}

function chartOf(root) {
  const states = root.children.map(({ stateNode }) => ({ name: stateNode.key, final: stateNode.type === "final" }));
  const transitions = root.children.map((child) => [...transitionsOf(child), ...alwaysOf(child)]);
  const open = transitions.filter((_, i) => !states[i].final);
  const common = open[0].filter((one) => open.every((each) => each.some((other) => same(one, other))));
  const fromAny = [...transitionsOf(root), ...common];
  const edges = states.flatMap(({ name }, i) =>
    merged(
      name,
      transitions[i].filter((one) => !common.some((other) => same(one, other))),
    ),
  );
  if (fromAny.length > 0) states.push({ name: anyState, final: false });
  return { states, edges: [...edges, ...merged(anyState, fromAny)] };
}

function transitionsOf({ edges }) {
  return edges.filter(leaves).map(({ target, label }) => ({ to: target.key, event: label.text }));
}

/** What every state that is not final has in common is drawn once, as what the machine itself takes. */
function same(one, other) {
  return one.to === other.to && one.event === other.event;
}

/** One that only acts, and goes nowhere, is no arrow. */
function leaves({ transition }) {
  return transition.target !== undefined;
}

/** One arrow for all events that lead the same way. */
function merged(from, transitions) {
  return [...new Set(transitions.map(({ to }) => to))].map((to) => ({
    from,
    to,
    events: [...new Set(transitions.filter((each) => each.to === to).map(({ event }) => event))],
  }));
}

function sizeOf(lines) {
  return { width: Math.max(...lines.map(({ length }) => length)) * character + 6, height: lines.length * lineHeight };
}

function svgOf(id, { width, height, children, edges: routes }, states, edges) {
  const size = `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  return [
    `<svg class="chart" data-machine="${id}" ${size} role="img" aria-label="State chart of a ${id}">`,
    ...routes.map((route, i) => edgeSvg(route, edges[i])),
    ...children.map((node, i) => stateSvg(node, states[i])),
    "</svg>",
  ].join("\n");
}

function edgeSvg({ sections: [section], labels }, { from, to, events }) {
  const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  const texts = labels.flatMap(({ x, y, text }) =>
    text.split("\n").map((line, i) => `<text x="${at(x + 3)}" y="${at(y + lineHeight * (i + 0.75))}">${line}</text>`),
  );
  return `<g class="edge" data-from="${from}" data-to="${to}" data-events="${events.join(" ")}"><path d="${roundedPath(points)}"/><path class="head" d="${headPath(points)}"/>${texts.join("")}</g>`;
}

function stateSvg({ x, y, width, height }, { name, final }) {
  if (name === anyState)
    return `<g class="any"><rect x="${at(x)}" y="${at(y)}" width="${width}" height="${height}" rx="13"/><text x="${at(x + width / 2)}" y="${at(y + height / 2 + 4)}">${name}</text></g>`;
  const frame = (inset, kind) =>
    `<rect class="${kind}" x="${at(x + inset)}" y="${at(y + inset)}" width="${width - 2 * inset}" height="${height - 2 * inset}" rx="${9 - inset}"/>`;
  return [
    `<g class="state" data-state="${name}">`,
    frame(0, "frame"),
    final ? frame(3, "inner") : "",
    `<text class="glyph" x="${at(x + 18)}" y="${at(y + 28)}"></text>`,
    `<text class="name" x="${at(x + 32)}" y="${at(y + 28)}">${name}</text>`,
    `<text class="count" x="${at(x + width - 12)}" y="${at(y + 28)}"></text>`,
    "</g>",
  ].join("");
}

/** A line of right angles with round corners. */
function roundedPath(points) {
  const middle = points.slice(1, -1).map((corner, i) => {
    const before = towards(corner, points[i], 6);
    const after = towards(corner, points[i + 2], 6);
    return `L${at(before.x)} ${at(before.y)}Q${at(corner.x)} ${at(corner.y)} ${at(after.x)} ${at(after.y)}`;
  });
  const end = towards(points.at(-1), points.at(-2), 6);
  return `M${at(points[0].x)} ${at(points[0].y)}${middle.join("")}L${at(end.x)} ${at(end.y)}`;
}

function headPath(points) {
  const tip = points.at(-1);
  const back = towards(tip, points.at(-2), 8);
  const [dx, dy] = [(tip.y - back.y) / 2, (back.x - tip.x) / 2];
  return `M${at(tip.x)} ${at(tip.y)}L${at(back.x + dx)} ${at(back.y + dy)}L${at(back.x - dx)} ${at(back.y - dy)}Z`;
}

/** The point at most `distance` from `from` on the way to `to`. */
function towards(from, to, distance) {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function at(number) {
  return Math.round(number * 10) / 10;
}
