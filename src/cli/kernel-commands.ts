/** The commands for the seed kernels. */
import { readFileSync, writeFileSync } from "node:fs";
import { defaultCluster, type Matrix, type MatrixLike, matMul, monteCarlo, primeSearch, UsageError } from "../index.ts";
import { formatNpy, parseNpy } from "../npy/npy.ts";
import type { ClusterFlags } from "./cluster-options.ts";
import { configure, runOptions } from "./configure.ts";

type Flags = ClusterFlags & { readonly json?: boolean };

export async function primeCommand(text: string, flags: Flags): Promise<void> {
  const n = wholeNumber("n", text);
  configure(flags);
  const cluster = await defaultCluster();
  const job = cluster.spawn(primeSearch, { n }, runOptions(flags));
  const { prime, divisor, tested, othersWentOnMs } = await job.result;
  const { elapsedMs } = job.stats;
  const found = divisor === undefined ? "" : `: ${divisor} × ${n / divisor}`;
  const words = prime ? "prime" : n > 1n ? `composite${found}` : "not prime";
  print(flags, `${n} is ${words}`, {
    n: String(n),
    prime,
    divisor: divisor?.toString() ?? null,
    tested,
    othersWentOnMs,
    elapsedMs,
  });
}

export async function matmulCommand(fileA: string, fileB: string, flags: Flags & { output: string }): Promise<void> {
  const [a, b] = [readMatrix(fileA), readMatrix(fileB)];
  configure(flags);
  const product: Matrix = await matMul(a, b, runOptions(flags));
  writeMatrix(flags.output, product);
  const { shape, dtype } = product;
  print(flags, `${flags.output}: ${shape.join(" × ")} ${dtype}`, { output: flags.output, shape, dtype });
}

export async function piCommand(text: string | undefined, flags: Flags & { seed?: string }): Promise<void> {
  const samples = sampleCount(text ?? "1e7");
  const seed = flags.seed === undefined ? undefined : wholeNumber("--seed", flags.seed);
  configure(flags);
  const { mean, stderr } = await monteCarlo(
    samples,
    (rng) => rng.random() ** 2 + rng.random() ** 2,
    (distance) => (distance < 1 ? 4 : 0),
    { ...runOptions(flags), ...(seed !== undefined && { seed }) },
  );
  print(flags, `π ≈ ${withError(mean, stderr)}`, { pi: mean, stderr, samples });
}

/** A value to the digits that its standard error leaves standing, two of which are shown: `3.14172 ± 0.00016`. */
function withError(value: number, stderr: number): string {
  if (!(stderr > 0)) return `${value} ± ${stderr}`;
  const digits = Math.max(0, 1 - Math.floor(Math.log10(stderr)));
  return `${value.toFixed(digits)} ± ${stderr.toFixed(digits)}`;
}

function sampleCount(text: string): number {
  const samples = Number(text);
  if (Number.isSafeInteger(samples) && samples >= 1) return samples;
  throw new UsageError(`samples must be a whole number from 1 to 2^53 - 1, such as 1000000 or 1e6, got "${text}".`);
}

function writeMatrix(file: string, matrix: Matrix): void {
  try {
    writeFileSync(file, formatNpy(matrix));
  } catch (cause) {
    throw new UsageError(`${file} can't be written: ${(cause as Error).message}.`, { cause });
  }
}

function readMatrix(file: string): MatrixLike {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new UsageError(`${file} can't be read: ${(cause as Error).message}.`, { cause });
  }
  const { shape, data } = parseNpy(bytes, file);
  if (shape.length !== 2)
    throw new UsageError(`${file} must hold a matrix (2 dimensions), it has shape (${shape.join(", ")}).`);
  return { shape: [shape[0], shape[1]], data };
}

function wholeNumber(name: string, text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new UsageError(`${name} must be a whole number, got "${text}".`);
  return BigInt(text.replace(/^\+/, ""));
}

function print({ json }: Flags, words: string, data: object): void {
  console.log(json ? JSON.stringify(data) : words);
}
