// What we compare with: whether it is installed here, and how it is run. A peer that is absent is said so in the table.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const python = process.env.PYTHON ?? "/usr/bin/python3";

const folder = new URL("../peers/", import.meta.url);
const known = new Map();

/** What a row's `needs` can be: undefined when it is here, else what is missing and how to get it. */
export const needs = {
  python: () => lacking("Python", [python, "-c", "pass"], "apt-get install python3"),
  numpy: () => lacking("numpy", [python, "-c", "import numpy"], "apt-get install python3-numpy"),
  mpi4py: () =>
    lacking("mpi4py", [python, "-c", "import mpi4py"], "apt-get install python3-mpi4py openmpi-bin") ??
    lacking("mpirun", ["mpirun", "--version"], "apt-get install openmpi-bin"),
  dask: () => lacking("dask.distributed", [python, "-c", "import distributed"], "apt-get install python3-distributed"),
  gcc: () => lacking("gcc", ["gcc", "--version"], "apt-get install gcc"),
  mpicc: () => lacking("mpicc", ["mpicc", "--version"], "apt-get install libopenmpi-dev"),
  piscina: () => lackingPackage("piscina"),
};

/** True where all peers have to be there. */
const peersRequired = process.env.MPITS_PEERS === "required";

function lacking(name, [program, ...args], remedy) {
  if (!known.has(name)) known.set(name, spawnSync(program, args, { stdio: "ignore" }).status === 0);
  return known.get(name) ? undefined : missing(name, remedy);
}

function lackingPackage(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return undefined;
  } catch {
    return missing(name, "npm ci");
  }
}

function missing(name, remedy) {
  const words = `no ${name} here (${remedy})`;
  if (peersRequired) throw new Error(`${words}, and MPITS_PEERS=required.`);
  return words;
}

/**
 * A Python peer that stays: a program of bench/peers that answers each line on stdin with a line of numbers, a sample.
 * @param launcher what stands before python, such as ["mpirun", "-n", "2"]
 */
export async function pythonPeer(file, args = [], launcher = []) {
  const [program, ...rest] = [...launcher, python, "-B", new URL(file, folder).pathname, ...args.map(String)];
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${file} ended without an answer`);
    return value;
  };
  if ((await line()) !== "ready") throw new Error(`${file} must print "ready" first`);
  return {
    async sample() {
      child.stdin.write("\n");
      return (await line()).trim().split(/\s+/).map(Number);
    },
    async close() {
      child.stdin.end();
      await new Promise((resolve) => child.once("close", resolve));
    },
  };
}

/** Compiles a C program of bench/peers; `run(...args)` gives what it prints. */
export function cProgram(file, flags = ["-O3"], compiler = "gcc") {
  const place = mkdtempSync(join(tmpdir(), "mpits-bench-"));
  const program = join(place, "program");
  execFileSync(compiler, ["-o", program, new URL(file, folder).pathname, ...flags, "-lm"]);
  return {
    program,
    run: (...args) => execFileSync(program, args.map(String), { encoding: "utf8" }),
    close: () => rmSync(place, { recursive: true, force: true }),
  };
}
