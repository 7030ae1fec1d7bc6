/**
 * MPI's classics (examples/mpi), each beside the same program in mpi4py. Where Open MPI or mpi4py is missing, ours run alone, unless
 * MPITS_PEERS=required says that they must be there.
 */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PYTHON = process.env.MPITS_PYTHON ?? "/usr/bin/python3";
const run = promisify(execFile);
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const ours = async (name: string, options: readonly string[], args: readonly string[]) =>
  await printed(process.execPath, [
    at("dist/cli/main.cjs"),
    "run",
    "--no-rank-prefix",
    ...options,
    at(`examples/mpi/${name}.js`),
    ...args,
  ]);
const theirs = async (name: string, ranks: number, args: readonly string[]) =>
  await printed("mpirun", [
    "--allow-run-as-root",
    "--oversubscribe",
    "-n",
    `${ranks}`,
    PYTHON,
    at(`examples/mpi/${name}.py`),
    ...args,
  ]);

/** What a program gives, as JSON. */
async function printed(command: string, args: readonly string[]): Promise<unknown> {
  return JSON.parse((await run(command, [...args])).stdout);
}

const found = [spawnSync("mpirun", ["--version"]), spawnSync(PYTHON, ["-c", "import mpi4py"])];
const hasPeer = found.every(({ status }) => status === 0);
if (!hasPeer && process.env.MPITS_PEERS === "required")
  test("Open MPI and mpi4py are there, since MPITS_PEERS=required", () => {
    throw new Error(`mpirun and mpi4py of ${PYTHON} are needed (apt-get install openmpi-bin python3-mpi4py)`);
  });
const beside = hasPeer
  ? "as mpi4py does"
  : "without mpi4py, which is missing (apt-get install openmpi-bin python3-mpi4py)";

const near = (value: number) => expect.closeTo(value, 10);
const played = [8, 64, 512, 4096, 32_768, 262_144].map((bytes) => ({ bytes, sum: 30 }));
const heat = { cells: 48, steps: 100, centre: 7.996423090206532, checksum: 194864798 };

test.each<[string, number, readonly string[], unknown]>([
  ["ring", 4, [], { size: 4, rounds: 10, token: 60 }],
  ["ping-pong", 2, ["10"], played],
  ["master-worker", 4, ["20"], { tasks: 20, start: 17647, steps: 278, sum: 4947 }],
  ["heat", 4, [], heat],
  [
    "sample-sort",
    4,
    [],
    { lengths: [19996, 20002, 20000, 20002], isSorted: true, first: 70919, last: 4294955749, checksum: 4003048764 },
  ],
  [
    "conjugate-gradient",
    4,
    [],
    { cells: 64, iterations: 187, energy: near(554.0620075804386), corner: near(0.11238639867046508) },
  ],
])(`%s gives its numbers, ${beside}`, async (name, ranks, args, due) => {
  const [own, peer] = await Promise.all([
    ours(name, ["-n", `${ranks}`], args),
    hasPeer ? theirs(name, ranks, args) : due,
  ]);
  expect(own).toEqual(due);
  expect(peer).toEqual(due);
});

test("a classic gives the same bits on hosts as on threads", async () => {
  expect(await ours("heat", ["-n", "2", "--hosts", "localhost,localhost"], [])).toEqual(heat);
});
