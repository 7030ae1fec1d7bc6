/** A job as spans: one for the job, and below it one for each time that a rank works, from the arrival of its parts to their result. */
import { context, type HrTime, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import type { Job } from "../cluster/job.ts";
import type { TransitionRecord } from "../cluster/story.ts";

/** Its parent is the span that is active where the job is spawned. Spans of ranks have the times of their hosts' clocks. */
export function traceJob(job: Job, tracer: Tracer, partSpans: boolean): void {
  const { kernel, ranks } = job.getSnapshot();
  const attributes = { "mpits.job.id": job.id, "mpits.kernel": kernel, "mpits.ranks": ranks.length };
  const span = tracer.startSpan(kernel, { attributes });
  const parts = partSpans ? new PartSpans(tracer, span) : undefined;
  job.inspect(
    {
      next(record) {
        if (record.rank === undefined) noteState(span, record);
        else if (record.to === "lost") span.addEvent(record.event, attributesOf(record), hrTime(record.timeMs));
        parts?.next(record);
      },
      complete() {
        parts?.end();
        endJob(span, job);
      },
    },
    { fromStart: true },
  );
}

function noteState(span: Span, record: TransitionRecord): void {
  span.addEvent(record.to, attributesOf(record), hrTime(record.timeMs));
  if (record.to === "failed") fail(span, record);
}

function endJob(span: Span, job: Job): void {
  const { value, reason, parts } = job.getSnapshot();
  const { sent, received, elapsedMs } = job.stats;
  span.setAttributes({
    "mpits.job.state": value,
    "mpits.job.elapsed_ms": elapsedMs,
    "mpits.parts.done": parts.done,
    "mpits.parts.again": parts.again,
    "mpits.bytes.sent": sent.bytes,
    "mpits.bytes.received": received.bytes,
    ...(reason !== null && { "mpits.job.reason": reason }),
  });
  span.end();
}

/** The open span of each rank that works. */
class PartSpans {
  readonly #tracer: Tracer;
  readonly #parent;
  readonly #open = new Map<number, Span>();

  constructor(tracer: Tracer, job: Span) {
    this.#tracer = tracer;
    this.#parent = trace.setSpan(context.active(), job);
  }

  next(record: TransitionRecord): void {
    const { rank, to, timeMs } = record;
    if (rank === undefined) return;
    const open = this.#open.get(rank);
    if (to === "idle" || to === "lost") {
      if (open && to === "lost") fail(open, record);
      open?.end(hrTime(timeMs));
      this.#open.delete(rank);
    } else if (open) open.addEvent(to, attributesOf(record), hrTime(timeMs));
    else {
      const options = { attributes: attributesOf(record), startTime: hrTime(timeMs) };
      this.#open.set(rank, this.#tracer.startSpan("part", options, this.#parent));
    }
  }

  /** The job is over: nothing works for it any more. */
  end(): void {
    for (const span of this.#open.values()) span.end();
    this.#open.clear();
  }
}

function fail(span: Span, { cause }: TransitionRecord): void {
  span.setStatus({ code: SpanStatusCode.ERROR, ...(cause !== undefined && { message: cause }) });
}

function attributesOf({ rank, host, part, event, cause }: TransitionRecord): Record<string, string | number> {
  return {
    ...(rank !== undefined && { "mpits.rank": rank, "mpits.host": host }),
    ...(part !== undefined && { "mpits.part": part }),
    "mpits.event": event,
    ...(cause !== undefined && { "mpits.cause": cause }),
  };
}

/** Not a number: one below the program's start would be taken for a time since then. */
function hrTime(timeMs: number): HrTime {
  const seconds = Math.floor(timeMs / 1000);
  return [seconds, Math.round((timeMs - seconds * 1000) * 1e6)];
}
