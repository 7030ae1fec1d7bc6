/** What a driver shows on pages, as others provide it: where a job's is, and a report of it. */
import type { Cluster } from "../cluster/cluster.ts";
import type { PageAnswer } from "./protocol.ts";

export interface Pages {
  /** Rejects with the system's error when the page can't be served. */
  link(cluster: Cluster, job: string): Promise<PageAnswer>;
  /** A page that stands alone, as HTML; undefined when there is no such job. */
  report(cluster: Cluster, job: string): Promise<string | undefined>;
}
