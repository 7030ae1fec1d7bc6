/** Builds the inspector's page: one HTML file with its script, its style and the drawn state charts in it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { drawChart } from "./draw-chart.mjs";

const licence = "/* With uPlot: https://github.com/leeoniya/uPlot, Copyright (c) 2022 Leon Sorokin, MIT licence */";

/** @param root of the project, whose dist/ has the machines already */
export async function buildPage(root) {
  const source = join(root, "src/inspector/page");
  const target = join(root, "dist/inspector/page.html");
  const { jobMachine } = await import(pathToFileURL(join(root, "dist/actors/job-machine.js")));
  const { rankMachine } = await import(pathToFileURL(join(root, "dist/actors/rank-machine.js")));
  const parts = {
    "<!--job-chart-->": await drawChart(jobMachine),
    "<!--rank-chart-->": await drawChart(rankMachine),
    "/*style*/": `${licence}\n${await styleOf(source)}`,
    "/*script*/": `${licence}\n${await scriptOf(source)}`,
  };
  let html = readFileSync(join(source, "page.html"), "utf8");
  for (const [place, text] of Object.entries(parts)) html = html.replace(place, () => text);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, html);
}

async function scriptOf(source) {
  const { outputFiles } = await build({
    entryPoints: [join(source, "main.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
  });
  // Within an HTML file, nothing in the script may look like its end.
  return outputFiles[0].text.replaceAll("</script", "<\\/script");
}

async function styleOf(source) {
  const { outputFiles } = await build({
    stdin: {
      contents: `@import "uplot/dist/uPlot.min.css";\n@import "./page.css";`,
      resolveDir: source,
      loader: "css",
    },
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
  });
  return outputFiles[0].text;
}
