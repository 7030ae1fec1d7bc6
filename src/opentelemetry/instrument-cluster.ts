/**
 * Jobs as OpenTelemetry spans and metrics: `import { instrumentCluster } from "mpits/opentelemetry"`. Nothing else in this package
 * loads it, and `@opentelemetry/api` is for the program to install (1.9).
 */
import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import type { Cluster } from "../cluster/cluster.ts";
import type { Job } from "../cluster/job.ts";
import { packageVersion } from "../package-version.ts";
import { JobMetrics } from "./job-metrics.ts";
import { traceJob } from "./job-spans.ts";

export interface InstrumentOptions {
  /** Default: the global tracer provider's, by the name `mpits`. */
  readonly tracer?: Tracer;
  /** Default: the global meter provider's, by the name `mpits`. */
  readonly meter?: Meter;
  /** A span too for each time that a rank works on parts. Default true. */
  readonly partSpans?: boolean;
}

/**
 * Makes spans and metrics of every job of this cluster, those that run and wait among them.
 * @returns ends that for jobs to come
 */
export function instrumentCluster(cluster: Cluster, options: InstrumentOptions = {}): () => void {
  const tracer = options.tracer ?? trace.getTracer("mpits", packageVersion());
  const measured = new JobMetrics(options.meter ?? metrics.getMeter("mpits", packageVersion()));
  const follow = (job: Job) => {
    traceJob(job, tracer, options.partSpans ?? true);
    measured.follow(job);
  };
  for (const job of cluster.jobs) follow(job);
  return cluster.followJobs(follow);
}
