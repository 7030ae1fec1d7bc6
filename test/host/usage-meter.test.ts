/** What a host process says that it uses. */
import { existsSync } from "node:fs";
import { UsageMeter } from "../../src/host/usage-meter.ts";
import { nativeThreadId } from "../../src/thread/native-thread-id.ts";

const onLinux = existsSync("/proc/thread-self") ? test : test.skip;

function spin(ms: number): void {
  const { user, system } = process.cpuUsage();
  const used = () => {
    const now = process.cpuUsage();
    return (now.user + now.system - user - system) / 1000;
  };
  while (used() < ms);
}

test("a process that has computed has used cores, and has memory", () => {
  const meter = new UsageMeter([]);
  spin(30);
  const { cores, memoryBytes, ranks } = meter.read();
  expect(cores).toBeGreaterThan(0);
  expect(memoryBytes).toBeGreaterThan(1e7);
  expect(ranks).toEqual([]);
});

onLinux("of ranks the thread that computes has used a core, and one that sleeps has not", () => {
  const meter = new UsageMeter([
    { rank: 4, memory: { threadId: nativeThreadId() } },
    { rank: 5, memory: { threadId: 2 ** 30 } }, // there is none
    { rank: 6, memory: { threadId: 0 } }, // not known
  ]);
  spin(60);
  const { ranks } = meter.read();
  expect(ranks.map(({ rank }) => rank)).toEqual([4, 5]);
  expect(ranks[0]!.cores).toBeGreaterThan(0);
  expect(ranks[1]!.cores).toBe(0);
});
