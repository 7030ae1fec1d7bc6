/** Round trip, clock and bandwidth, by asking ranks. It knows nothing of clusters: whoever calls it says how to ask. */
import type { CheckedLine } from "./check-report.ts";
import type { EchoAnswer, EchoAsk } from "./echo.ts";
import type { HostCheck } from "./host-check.ts";

type Ask = (asks: readonly EchoAsk[], timeoutMs: number) => Promise<readonly EchoAnswer[]>;

/** Round trips of each host, unless they take long. */
const mostPings = 15;
const leastPings = 3;
const pingTimeMs = 1500;
/** A transfer is large enough to take about this long, shared out among the hosts, in ms. */
const transferTimeMs = { most: 200, least: 20, all: 4000 };
const transferBytes = { first: 1 << 16, most: 1 << 24 };
/** A hiccup in a small transfer makes the next one too small as well: so often it may grow. */
const mostLarger = 2;
const timeoutMs = 5000;

/** Fills in the `line` of each host: round trips of all at the same time, then one transfer after the other. */
export async function measureLines(hosts: readonly HostCheck[], ask: Ask): Promise<void> {
  const pings = await pingAll(hosts, ask);
  const targetMs = Math.min(
    transferTimeMs.most,
    Math.max(transferTimeMs.least, transferTimeMs.all / (2 * hosts.length)),
  );
  for (const host of hosts) {
    const heard = pings.get(host) ?? [];
    if (heard.length === 0) continue;
    const line = lineOf(heard);
    const quickestMs = Math.min(...heard.map(({ elapsedMs }) => elapsedMs));
    const rate = (direction: "sendBytes" | "replyBytes") =>
      bandwidth(host.ranks[0]!, direction, quickestMs, targetMs, ask);
    host.line = {
      ...line,
      toHostBytesPerS: await rate("sendBytes"),
      fromHostBytesPerS: await rate("replyBytes"),
    };
  }
}

async function pingAll(hosts: readonly HostCheck[], ask: Ask): Promise<Map<HostCheck, EchoAnswer[]>> {
  const out = new Map<HostCheck, EchoAnswer[]>(hosts.map((host) => [host, []]));
  const asks = hosts.map(({ ranks }) => ({ rank: ranks[0]! }));
  const beganMs = performance.now();
  for (let i = 0; i < mostPings; i++) {
    if (i >= leastPings && performance.now() - beganMs > pingTimeMs) break;
    const answers = await ask(asks, timeoutMs);
    for (const [host, heard] of out) heard.push(...answers.filter((answer) => isFrom(host.ranks[0]!, answer)));
  }
  return out;
}

/** The offset of the clock comes from the quickest round trip: it can be the least wrong. */
function lineOf(pings: readonly EchoAnswer[]): Omit<CheckedLine, "toHostBytesPerS" | "fromHostBytesPerS"> {
  const sorted = [...pings].sort((a, b) => a.elapsedMs - b.elapsedMs);
  const { clockOffsetMs, elapsedMs } = sorted[0]!;
  return {
    roundTripMs: medianOf(sorted.map((ping) => ping.elapsedMs)),
    clockOffsetMs,
    clockUncertaintyMs: elapsedMs / 2 + 1, // and what both clocks round away
  };
}

/**
 * One way's bytes per second: of a transfer that is as large as a smaller one before it says. What the quickest round trip took
 * is taken off.
 */
async function bandwidth(
  rank: number,
  direction: "sendBytes" | "replyBytes",
  quickestMs: number,
  targetMs: number,
  ask: Ask,
): Promise<number | null> {
  const rateOf = async (bytes: number): Promise<number | null> => {
    const answer = (await ask([{ rank, [direction]: bytes }], timeoutMs)).find((each) => isFrom(rank, each));
    if (!answer) return null;
    const tookMs = Math.max(answer.elapsedMs - quickestMs, answer.elapsedMs / 10); // a lucky one is not endlessly fast
    return (bytes / tookMs) * 1000;
  };
  let bytes = transferBytes.first;
  let rate = await rateOf(bytes);
  for (let i = 0; i < mostLarger && rate !== null; i++) {
    const next = Math.min(transferBytes.most, Math.max(2 * bytes, Math.round((rate * targetMs) / 1000)));
    if (i > 0 && next <= 2 * bytes) break; // it was large enough
    bytes = next;
    rate = await rateOf(bytes);
  }
  return rate;
}

function isFrom(rank: number, answer: EchoAnswer): boolean {
  return answer.asked === rank && answer.rank === rank;
}

/** @param sorted not empty */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
