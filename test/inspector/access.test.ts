/** Who gets at the inspector: over real connections, with the headers that browsers would send for friends and strangers. */
import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { type Cluster, inspectorLink, type Job, launchCluster } from "mpits";
import { polling } from "../fixtures/kernels.js";
import { rejection } from "../support/job-events.ts";
import { nothingIsLeft } from "../support/nothing-left.ts";

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

let cluster: Cluster;
let job: Job<unknown>;
let origin: string;
let link: string;

beforeEach(async () => {
  cluster = await launchCluster({ perNodeCores: 1 });
  job = cluster.spawn(polling, {});
  link = (await inspectorLink(cluster)).url;
  origin = new URL(link).origin;
});
afterEach(async () => {
  await cluster.close();
  await rejection(job.result);
});
nothingIsLeft();

const cancelBody = (force = false): string => JSON.stringify({ job: job.id, force });

/** Until the end, or with `begin` until the first piece of the body. */
function ask(
  path: string,
  { method = "GET", body, begin = false, ...headers }: Record<string, string | boolean | undefined> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => typeof value === "string"));
    const request = httpRequest(`${origin}${path}`, {
      agent: false,
      method: String(method),
      headers: given as Record<string, string>,
    });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      const done = (): void => resolve({ status: response.statusCode!, headers: response.headers, text });
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
        if (!begin) return;
        done();
        request.destroy();
      });
      response.on("end", done);
      response.on("error", done);
    });
    request.end(body as string | undefined);
  });
}

/** Opens the page as a browser does. */
async function session(): Promise<{ cookie: string; authorization: string }> {
  const { headers, text } = await ask(link.slice(origin.length));
  const [, key] = /name="mpits-key" content="([\w-]+)"/.exec(text) ?? [];
  return { cookie: headers["set-cookie"]![0]!.split(";")[0]!, authorization: `Bearer ${key}` };
}

const json = { "content-type": "application/json" };

test("without a token nothing of the inspector can be read and nothing be sent", async () => {
  for (const path of ["/", "/?token=", "/?token=guessed", `/?token=${link.slice(-10)}`]) {
    const { status, text } = await ask(path);
    expect([status, text.includes(job.id), text.includes("<html")]).toEqual([403, false, false]);
  }
  for (const path of ["/feed", `/report?job=${encodeURIComponent(job.id)}`, "/anything"])
    expect((await ask(path)).status).toBe(401);
  expect((await ask("/cancel", { method: "POST", body: cancelBody(), ...json })).status).toBe(401);
  for (const authorization of [
    "Bearer guessed",
    "Bearer ",
    "Basic eDp5",
    `Bearer ${new URL(link).searchParams.get("token")}`,
  ])
    expect((await ask("/feed", { authorization })).status).toBe(401);
  expect(job.getSnapshot().reason).toBeNull();
});

test("a link opens the inspector's page once", async () => {
  const { cookie } = await session();
  expect((await ask(link.slice(origin.length))).status).toBe(403);
  expect((await ask("/", { cookie })).text).toContain("<html");
  const another = await inspectorLink(cluster);
  expect((await ask(another.url.slice(origin.length))).status).toBe(200);
});

test("the cookie that browsers send by themselves opens the empty page and nothing else", async () => {
  const { cookie } = await session();
  const page = await ask("/", { cookie });
  expect([page.status, page.text.includes(job.id), page.text.includes('mpits-key" content')]).toEqual([
    200,
    false,
    false,
  ]);
  expect((await ask("/feed", { cookie })).status).toBe(401);
  expect((await ask("/cancel", { method: "POST", body: cancelBody(), cookie, ...json })).status).toBe(401);
  expect(job.getSnapshot().reason).toBeNull();
});

test("a foreign Origin or Host header gets nothing, even with the key of a session", async () => {
  const keys = await session();
  const port = Number(new URL(origin).port);
  const foreign: Record<string, string>[] = [
    { origin: "http://evil.example" },
    { origin: `http://127.0.0.1:${port + 1}` }, // a page on another port
    { origin: `http://localhost:${port}` }, // not the name that was asked for
    { origin: `https://127.0.0.1:${port}` },
    { origin: "null" },
    { host: `evil.example:${port}` }, // a name that was made to lead here
    { host: "127.0.0.1.evil.example" },
    { host: "evil.example", origin: "http://evil.example" },
  ];
  for (const headers of foreign) {
    expect((await ask("/feed", { ...keys, ...headers })).status).toBe(403);
    expect((await ask("/cancel", { method: "POST", body: cancelBody(), ...keys, ...json, ...headers })).status).toBe(
      403,
    );
    expect((await ask(link.slice(origin.length), headers)).status).toBe(403);
  }
  expect(job.getSnapshot().reason).toBeNull();
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "localhost:8080", `[::1]:${port}`]) // an ssh tunnel may have another port
    expect((await ask("/feed", { ...keys, host, origin: `http://${host}`, begin: true })).status).toBe(200);
});

test("the key of a session reads the job, and cancels it", async () => {
  const keys = await session();
  const { text } = await ask("/feed", { ...keys, begin: true });
  expect(text).toContain(`data: {"job":"${job.id}"}`);
  const report = await ask(`/report?job=${encodeURIComponent(job.id)}`, keys);
  expect(report.text).toContain(`"id":"${job.id}"`);
  expect((await ask("/report?job=other", keys)).status).toBe(404);
  expect((await ask("/cancel", { method: "POST", body: cancelBody(), ...keys, ...json })).status).toBe(200);
  await expect(job.result).rejects.toMatchObject({ reason: "cancelled on the inspector's page" });
});

test("what is no request is refused, and does nothing", async () => {
  const keys = await session();
  const post = (body: string, headers: Record<string, string> = json) =>
    ask("/cancel", { method: "POST", body, ...keys, ...headers });
  const shapes = [
    "",
    "{",
    "null",
    "[]",
    "{}",
    `{"job":"${job.id}"}`,
    '{"job":1,"force":false}',
    `{"job":"${"x".repeat(5000)}","force":true}`,
  ];
  for (const body of shapes) expect((await post(body)).status).toBe(400);
  expect((await post(cancelBody(), { "content-type": "text/plain" })).status).toBe(415); // what a form of another page can send
  expect((await ask("/cancel", keys)).status).toBe(404);
  expect((await ask("/feed", { method: "POST", ...keys })).status).toBe(404);
  expect(job.getSnapshot().reason).toBeNull();
});

test("the page runs its own script and style alone, and is kept and framed by nobody", async () => {
  const { headers, text } = await ask(link.slice(origin.length));
  const policy = headers["content-security-policy"]!;
  const hashed = (tag: string) =>
    [...text.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))].map(
      ([, body]) => `'sha256-${createHash("sha256").update(body!).digest("base64")}'`,
    );
  expect(hashed("script")).toHaveLength(1);
  expect(policy).toContain(`script-src ${hashed("script").join(" ")};`);
  expect(policy).toContain(`style-src ${hashed("style").join(" ")};`);
  expect(policy).toContain("default-src 'none';");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(text).not.toMatch(/<(script|link|img|iframe)[^>]* (src|href)="(?!data:)/);
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
  });
  expect(headers["access-control-allow-origin"]).toBeUndefined();
  expect(headers["set-cookie"]![0]).toMatch(/HttpOnly; SameSite=Strict/);
});
