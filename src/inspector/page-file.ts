/** The built page, read once, and the policy under which browsers run it: its own script and style, and nothing else. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { builtUrl } from "../places.ts";

interface PageFile {
  readonly html: string;
  /** The value of Content-Security-Policy. */
  readonly policy: string;
}

/** What stands in the page where the key of a session, or the data of a report, goes. */
const places = { key: "<!--key-->", data: "<!--data-->", policy: "<!--policy-->" } as const;

let file: PageFile | undefined;

export function pageFile(): PageFile {
  file ??= read();
  return file;
}

/** The page for a browser that has just shown a one-time link. */
export function pageWithKey(key: string): string {
  return pageFile().html.replace(places.key, `<meta name="mpits-key" content="${key}">`);
}

/** The page as a file of its own, with its data in it: it needs no server, and its policy forbids all connections. */
export function pageWithData(data: object): string {
  const { html, policy } = pageFile();
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  const meta = policy.replace("connect-src 'self'", "connect-src 'none'").replace(/; frame-ancestors [^;]*/, "");
  return html
    .replace(places.policy, `<meta http-equiv="Content-Security-Policy" content="${meta}">`)
    .replace(places.data, () => `<script type="application/json" id="data">${json}</script>`);
}

function read(): PageFile {
  const html = readFileSync(builtUrl("inspector/page.html"), "utf8");
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf(html, "script")}`,
    `style-src ${hashesOf(html, "style")}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, policy };
}

function hashesOf(html: string, tag: "script" | "style"): string {
  const blocks = [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))];
  return blocks.map(([, text]) => `'sha256-${createHash("sha256").update(text!).digest("base64")}'`).join(" ");
}
