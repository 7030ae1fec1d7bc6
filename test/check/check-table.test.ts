/** The table of `mpits check`: what it says, how it fits, and that nothing of a host's text can disturb the terminal. */
import type { CheckedHost, CheckReport } from "mpits";
import { formatCheck } from "../../src/cli/check-table.ts";
import { displayWidth } from "../../src/terminal/width.ts";

const phases = [
  "resolve",
  "connect",
  "host key",
  "authenticate",
  "find node",
  "check versions",
  "start",
  "call back",
  "work",
];
const machine = {
  node: "/usr/bin/node",
  nodeVersion: "v20.11.0",
  packageVersion: "0.1.0",
  platform: "linux",
  architecture: "arm64",
  cores: 4,
  memoryBytes: 8e9,
};
const line = {
  roundTripMs: 1.26,
  clockOffsetMs: 3600_000,
  clockUncertaintyMs: 1.6,
  toHostBytesPerS: 112e6,
  fromHostBytesPerS: null,
};

function host(name: string, failedAt: string | undefined, more: Partial<CheckedHost> = {}): CheckedHost {
  const at = failedAt === undefined ? phases.length : phases.indexOf(failedAt);
  return {
    name,
    launcher: "ssh",
    ranks: [1, 2],
    ok: failedAt === undefined,
    phases: phases.map((phase, i) => ({
      phase,
      state: i < at ? "ok" : i === at ? "failed" : "skipped",
    })) as CheckedHost["phases"],
    problem: null,
    warnings: [],
    machine: null,
    arithmetic: null,
    line: null,
    ...more,
  };
}

const report: CheckReport = {
  ok: false,
  elapsedMs: 1234,
  hosts: [
    host("pi1", undefined, {
      machine,
      line,
      arithmetic: "OpenBLAS 0.3.21 (Haswell)",
      warnings: ["its clock is 3600.0 s fast."],
    }),
    host("pi2", "authenticate", {
      problem: {
        phase: "authenticate",
        message: "could not start pi2: authentication failed. Check the key.\nIts last output:\n\x1b[2Jgo away",
        remedy: "Check the key.",
        lastOutput: "",
      },
    }),
  ],
};
const text = (columns: number | undefined, colour = false): string => formatCheck(report, { columns, colour });

test("a host a line, with how far it came and what was measured", () => {
  expect(text(undefined)).toBe(
    `\
host  reachable  host key  login  node        mpits    start  callback  ranks  machine      cores  memory   matMul                     clock    round trip  to host   from host
pi1   ✓          ✓         ✓      ✓ v20.11.0  ✓ 0.1.0  ✓      ✓         ✓ 2    linux arm64  4      8.00 GB  OpenBLAS 0.3.21 (Haswell)  +3600 s  1.3 ms      112 MB/s  ?
pi2   ✓          ✓         ✗      –           –        –      –         –

✗ pi2 (authenticate): could not start pi2: authentication failed.
  → Check the key.
    Its last output:
     go away
! pi1: its clock is 3600.0 s fast.

node is /usr/bin/node on pi1

1 of 2 hosts can compute, with 2 ranks (checked in 1.2 s)
`.replace("     go away", "    go away"),
  );
});

test("a paragraph a host where the table does not fit", () => {
  const wide = Math.max(...text(undefined).split("\n").slice(0, 3).map(displayWidth));
  expect(text(wide)).toBe(text(undefined));
  const narrow = text(wide - 1).split("\n");
  expect(narrow).toContain("  login      ✗");
  expect(narrow).toContain("  round trip 1.3 ms");
  expect(
    Math.max(
      ...narrow
        .slice(0, narrow.indexOf("✗ pi2 (authenticate): could not start pi2: authentication failed."))
        .map(displayWidth),
    ),
  ).toBeLessThan(40);
});

test("colours change nothing else", () => {
  const coloured = text(undefined, true);
  expect(coloured).toContain("\x1b[31m✗\x1b[0m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
  expect(coloured.replace(/\x1b\[\d*m/g, "")).toBe(text(undefined));
});

test("this machine alone needs no columns for ssh", () => {
  const own = host("desk", undefined, { launcher: "driver", phases: [{ phase: "work", state: "ok" }], machine });
  const alone = formatCheck({ ok: true, elapsedMs: 200, hosts: [own] }, { columns: undefined, colour: false });
  expect(alone).toMatch(/^host {2}node {6}mpits {2}ranks {2}machine/);
  expect(alone).toContain("this machine can compute, with 2 ranks");
});
