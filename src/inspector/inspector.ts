/**
 * The inspector of a cluster: records its jobs, shows them on a page that the driver serves, and makes reports of them.
 * Nothing depends on it but the composition root, and it ends with the cluster.
 */
import type { ServerResponse } from "node:http";
import { hostname, userInfo } from "node:os";
import type { Cluster } from "../cluster/cluster.ts";
import { Feed } from "./feed.ts";
import { pageWithData } from "./page-file.ts";
import { pageData, parseCancel } from "./page-state.ts";
import { Recorder } from "./recorder.ts";
import { InspectorServer } from "./server.ts";

/** Often enough for a person; each time costs the machine of the browser some milliseconds, and that may be this one. */
const tellEveryMs = 500;

/** Where the inspector's page is to be found. */
export interface InspectorLink {
  /** Opens the page, once. */
  readonly url: string;
  /** The command that makes the same address reachable on another machine. */
  readonly tunnel: string;
}

const opened = new WeakMap<Cluster, Inspector>();

/** The inspector of a cluster. It records from the first call on. */
export function inspectorOf(cluster: Cluster): Inspector {
  const inspector = opened.get(cluster) ?? new Inspector(cluster);
  opened.set(cluster, inspector);
  return inspector;
}

class Inspector {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #feeds = new Set<Feed>();
  #server: Promise<InspectorServer> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#recorder = new Recorder(cluster);
    void cluster.closed.then(() => this.#close());
  }

  /**
   * Serves the page, if it isn't yet.
   *
   * @param job shown first; default: whichever runs
   * @throws the system's error when no port can be had
   */
  async link(job?: string): Promise<InspectorLink> {
    this.#server ??= this.#listen();
    const server = await this.#server;
    const { port } = server;
    return { url: server.link(job), tunnel: `ssh -L ${port}:127.0.0.1:${port} ${userInfo().username}@${hostname()}` };
  }

  /** The page with all that is known of a job in it, as a file that stands alone; undefined when there is no such job. */
  report(job: string): string | undefined {
    const data = pageData(this.#cluster, this.#recorder, job);
    return data && pageWithData(data);
  }

  #listen(): Promise<InspectorServer> {
    return InspectorServer.listen({
      stream: (response, job) => this.#stream(response, job),
      report: (job) => this.report(job),
      cancel: (request) => this.#cancel(request),
    });
  }

  #stream(response: ServerResponse, job: string | undefined): void {
    const feed = new Feed(response, this.#cluster, this.#recorder, job);
    this.#feeds.add(feed);
    response.on("close", () => this.#feeds.delete(feed));
    feed.push();
    this.#timer ??= setInterval(() => this.#tell(), tellEveryMs).unref();
  }

  #tell(): void {
    for (const feed of this.#feeds) feed.push();
    if (this.#feeds.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #cancel(request: unknown): boolean {
    const asked = parseCancel(request);
    const job = asked && this.#cluster.jobs.find(({ id }) => id === asked.job);
    job?.cancel("cancelled on the inspector's page", { force: asked!.force });
    if (job) this.#tell(); // who has pressed the button sees that it was pressed
    return asked !== undefined;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    for (const feed of this.#feeds) feed.close();
    this.#recorder.close();
    const server = await this.#server?.catch(() => undefined); // one that can't listen has nothing to close
    server?.close();
  }
}
