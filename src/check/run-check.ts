/** The check itself: brings up what comes up, lets every rank answer, and measures one host after the other. */
import { Cluster } from "../cluster/cluster.ts";
import type { Configuration } from "../config/configuration.ts";
import { UsageError } from "../errors.ts";
import type { CheckReport } from "./check-report.ts";
import { type EchoAnswer, type EchoAsk, echoKernel } from "./echo.ts";
import { HostCheck } from "./host-check.ts";
import { measureLines } from "./measure.ts";

export async function runCheck(configuration: Configuration): Promise<CheckReport> {
  const beganMs = performance.now();
  const quiet = {
    ...configuration,
    progressToTerminal: false,
    timeJob: false,
    inspect: false,
    cancelOnInterrupt: false,
  };
  const { cluster, hosts } = await Cluster.launchSome(quiet);
  try {
    const wrong = hosts.find(({ failure }) => failure instanceof UsageError);
    if (wrong) throw wrong.failure;
    const checks = hosts.map((arrival) => new HostCheck(arrival, configuration.sync !== false));
    await introduceAll(cluster, checks);
    await measureLines(
      checks.filter(({ usable }) => usable),
      (asks, timeoutMs) => ask(cluster, asks, timeoutMs).then(({ answers }) => answers),
    );
    const reports = checks.map((check) => check.report(checks[0]!));
    return { ok: reports.every(({ ok }) => ok), elapsedMs: performance.now() - beganMs, hosts: reports };
  } finally {
    await cluster.close();
  }
}

/** Every rank of every host answers once. A host that fails the job for all is left out, and the others are asked again. */
async function introduceAll(cluster: Cluster, checks: readonly HostCheck[]): Promise<void> {
  const timeoutMs = cluster.configuration.connectTimeoutS * 1000;
  for (;;) {
    const asked = checks.filter(({ usable }) => usable);
    const { answers, error } = await ask(cluster, asked.flatMap(introductions), timeoutMs);
    for (const check of asked) takeIntroduction(check, answers);
    const culprit = asked.find(({ ranks }) => ranks.includes(rankOf(error)));
    if (!culprit) {
      for (const check of asked) judge(check, cluster, answers, timeoutMs);
      return;
    }
    culprit.failed((error as Error).message.replace(/\.$/, ""), "Its output, with logLevel: info, may tell more.");
  }
}

function introductions({ ranks }: HostCheck): EchoAsk[] {
  return ranks.map((rank, i) => ({ rank, introduce: i === 0 }));
}

function takeIntroduction(check: HostCheck, answers: readonly EchoAnswer[]): void {
  for (const { rank, introduction } of answers)
    if (introduction && check.ranks.includes(rank)) check.introduced(introduction);
}

function judge(check: HostCheck, cluster: Cluster, answers: readonly EchoAnswer[], timeoutMs: number): void {
  const silent = check.ranks.filter((rank) => !answers.some((answer) => answer.asked === rank && answer.rank === rank));
  if (silent.length === 0) return;
  const lost = cluster.getSnapshot().ranks[silent[0]!]?.lost;
  const who = silent.length === 1 ? `rank ${silent[0]}` : `ranks ${silent.join(", ")}`;
  if (lost !== undefined) check.failed(`was lost: ${lost}`, "Check the memory of that machine, and the network.");
  else
    check.failed(
      `${who} did not answer within ${timeoutMs / 1000} s`,
      'Check the load of that machine, or set a longer "connectTimeoutS".',
    );
}

/** @returns what was answered, also when the job failed */
async function ask(
  cluster: Cluster,
  asks: readonly EchoAsk[],
  timeoutMs: number,
): Promise<{ answers: EchoAnswer[]; error: unknown }> {
  const answers: EchoAnswer[] = [];
  const heard = (answer: EchoAnswer) => answers.push(answer);
  const error = await cluster
    .spawn(echoKernel, { asks, heard }, { timeoutMs, cancelGraceMs: 1000 })
    .result.catch((reason: unknown) => reason);
  return { answers, error };
}

/** The rank that an error, or what caused it, is about; −1 when none is named. */
function rankOf(error: unknown): number {
  for (let each = error; typeof each === "object" && each !== null; each = (each as Error).cause)
    if ("rank" in each && typeof each.rank === "number") return each.rank;
  return -1;
}
