/** Spans and metrics as OpenTelemetry's own SDK gets them. */
import { SpanStatusCode } from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { type Cluster, launchCluster } from "mpits";
import { instrumentCluster } from "mpits/opentelemetry";
import { failing, polling, squares } from "../fixtures/kernels.js";
import { allComputing, rejection, until } from "../support/job-events.ts";

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

let cluster: Cluster;
let exporter: InMemorySpanExporter;
let reader: Reader;
let stop: () => void;

beforeAll(async () => {
  cluster = await launchCluster({ hosts: ["localhost"], perNodeCores: 1, logLevel: "silent", connectTimeoutS: 60 });
});
afterAll(() => cluster.close());
beforeEach(() => {
  exporter = new InMemorySpanExporter();
  reader = new Reader();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
  const meter = new MeterProvider({ readers: [reader] }).getMeter("test");
  stop = instrumentCluster(cluster, { tracer, meter });
});
afterEach(() => stop());

const named = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);

/** The sum of a metric's values, and its attributes' values in one text: `squares done` → 1. */
async function values(name: string): Promise<Record<string, unknown>> {
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  const metric = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .find(({ descriptor }) => descriptor.name === name);
  return Object.fromEntries(
    (metric?.dataPoints ?? []).map(({ attributes, value }) => [Object.values(attributes).join(" "), value]),
  );
}

test("a job is a span, and below it is one for each time that a rank works", async () => {
  const job = cluster.spawn(squares, { parts: 100 });
  await job.result;
  const [span] = named("squares") as [ReadableSpan];
  expect(span.attributes).toMatchObject({
    "mpits.job.id": job.id,
    "mpits.kernel": "squares",
    "mpits.job.state": "done",
    "mpits.parts.done": 100,
    "mpits.bytes.sent": job.stats.sent.bytes,
  });
  expect(span.events.map(({ name }) => name)).toEqual(["scattering", "computing", "reducing", "done"]);
  const parts = named("part");
  const times = job.story().filter(({ from, rank }) => from === "idle" && rank !== undefined).length;
  expect(parts).toHaveLength(times);
  for (const part of parts) {
    expect(part.parentSpanContext?.spanId).toBe(span.spanContext().spanId);
    expect(part.attributes["mpits.part"]).toEqual(expect.any(Number));
    expect(part.events.map(({ name }) => name)).toEqual(["computing", "reducing"]);
    expect(part.ended).toBe(true);
  }
  expect(new Set(parts.map(({ attributes }) => attributes["mpits.rank"]))).toEqual(new Set([0, 1]));
});

test("parts, bytes, jobs and ranks are counted", async () => {
  const job = cluster.spawn(squares, { parts: 30 });
  await job.result;
  const running = cluster.spawn(polling, {});
  await until(running, allComputing);
  // What runs may have been told of already.
  expect(await values("mpits.parts")).toMatchObject({ squares: 30 });
  expect(await values("mpits.bytes")).toMatchObject({
    "squares sent": job.stats.sent.bytes,
    "squares received": job.stats.received.bytes,
  });
  expect(await values("mpits.jobs")).toEqual({ "squares done": 1 });
  expect((await values("mpits.ranks"))["polling computing"]).toBe(2);
  running.cancel();
  await rejection(running.result);
  expect(await values("mpits.jobs")).toEqual({ "squares done": 1, "polling cancelled": 1 });
  const atWork = Object.values(await values("mpits.ranks"));
  expect(atWork.every((count) => count === 0)).toBe(true);
});

test("a job that fails is an error with its words; one that is cancelled is none", async () => {
  const [failed, cancelled] = [cluster.spawn(failing, { how: "throw" }), cluster.spawn(polling, {}, { queue: true })];
  await rejection(failed.result);
  cancelled.cancel("enough");
  await rejection(cancelled.result);
  expect(named("failing")[0]!.status).toMatchObject({
    code: SpanStatusCode.ERROR,
    message: expect.stringContaining("thrown on purpose"),
  });
  const [span] = named("polling") as [ReadableSpan];
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toMatchObject({ "mpits.job.state": "cancelled", "mpits.job.reason": "enough" });
});

test("a lost rank is counted, and ends its span with an error", async () => {
  const job = cluster.spawn(polling, {});
  await until(job, allComputing);
  process.kill(cluster.getSnapshot().hosts[1]!.pid!, "SIGKILL");
  await until(job, ({ ranks }) => ranks[1]!.lost !== undefined);
  expect(await values("mpits.ranks.lost")).toEqual({ "polling localhost": 1 });
  const [lost] = named("part") as [ReadableSpan];
  expect(lost.status).toMatchObject({ code: SpanStatusCode.ERROR, message: expect.stringContaining("SIGKILL") });
  job.cancel();
  await rejection(job.result);
  expect(named("polling")[0]!.events.map(({ name }) => name)).toContain("rank.lost");
});
