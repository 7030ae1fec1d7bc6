/** Requests as they arrive: checked for their shape before anything acts on them. */
import * as z from "zod";
import type { Request } from "./protocol.ts";

const whole = z.number().int().nonnegative();
const id = whole.max(2 ** 31);
const address = { cluster: whole, job: z.string().max(1000) };
/** Timers of longer than this fire at once in Node. */
const longestTimerMs = 2 ** 31 - 1;
const howToCancel = {
  reason: z.string().max(10_000),
  graceMs: z.number().min(0).max(longestTimerMs).optional(),
};

const request = z.discriminatedUnion("ask", [
  z.object({ id, ask: z.literal("state") }),
  z.object({ id, ask: z.literal("inspect"), ...address, last: whole }),
  z.object({ id, ask: z.literal("watch"), ...address }),
  z.object({ id, ask: z.literal("records"), ...address, fromStart: z.boolean() }),
  z.object({
    id,
    ask: z.literal("logs"),
    ...address,
    follow: z.boolean(),
    ranks: z
      .array(z.object({ from: whole, to: whole }))
      .max(1000)
      .optional(),
    tail: whole.optional(),
  }),
  z.object({
    id,
    ask: z.literal("send"),
    ...address,
    rank: whole.optional(),
    event: z.string().max(1000),
    data: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({ id, ask: z.literal("cancel"), ...address, ...howToCancel }),
  z.object({
    id,
    ask: z.literal("cancelNamed"),
    typed: z.string().max(1000).optional(),
    untilMs: z.number(),
    ...howToCancel,
  }),
  z.object({ id, ask: z.literal("page"), ...address }),
  z.object({ id, ask: z.literal("report"), ...address }),
  z.object({ id, ask: z.literal("stop"), of: id }),
]);

/** Undefined for what is no request. */
export function parseRequest(line: string): (Request & { readonly id: number }) | undefined {
  try {
    return request.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
