/** The WASM module of trial division as this thread sees it: made once, its tables filled, its exports typed. */
import { wasmBytes } from "./trial.wasm.ts";
import { wheels } from "./wheel.ts";

/** See assembly/trial.ts for what each does. All return how many runs or turns of the wheel they did. */
interface TrialExports {
  readonly memory: WebAssembly.Memory;
  hitsAt(): number;
  offsetsAt(): number;
  limbsAt(): number;
  hitsFound(): number;
  sweepBlocks(
    top: bigint,
    limbs: number,
    start: bigint,
    blocks: number,
    runs: number,
    steps: number,
    cubic: boolean,
    stride: number,
    offsets: number,
    groups: number,
    epsilon: number,
  ): number;
  sweepBlock(
    k0: number,
    k1: number,
    k2: number,
    k3: number,
    x: number,
    runs: number,
    steps: number,
    cubic: boolean,
    stride: number,
    offsets: number,
    groups: number,
    epsilon: number,
  ): number;
  divideF64(n: number, start: number, turns: number, stride: number, offsets: number, groups: number): number;
  divideLimbs(
    top: bigint,
    limbs: number,
    bits: number,
    start: bigint,
    turns: number,
    stride: number,
    offsets: number,
    groups: number,
  ): number;
}

export interface TrialModule {
  readonly wasm: TrialExports;
  /** Where each wheel's offsets lie, by the wheel's index. */
  readonly offsetsOf: readonly number[];
  /** Where `sweepBlocks` and `divideLimbs` read n's lower limbs, the higher first. */
  readonly limbs: BigUint64Array;
  /** What the last call found, relative to its start, in no order. Valid until the next call. */
  hits(): Uint32Array;
}

/** One wheel's place in the table: 48 offsets of 4 bytes. */
const wheelBytes = 48 * 4;
let made: TrialModule | undefined;

/** This thread's instance. Each call into it is complete in itself, so searches may take turns with it. */
export function trialModule(): TrialModule {
  made ??= makeModule();
  return made;
}

function makeModule(): TrialModule {
  const wasm = new WebAssembly.Instance(new WebAssembly.Module(wasmBytes)).exports as unknown as TrialExports;
  const memory = wasm.memory.buffer;
  const offsetsOf = wheels.map((wheel) => wasm.offsetsAt() + wheel.index * wheelBytes);
  for (const wheel of wheels) new Uint32Array(memory, offsetsOf[wheel.index], 48).set(wheel.offsets);
  return {
    wasm,
    offsetsOf,
    limbs: new BigUint64Array(memory, wasm.limbsAt(), 64),
    hits: () => new Uint32Array(memory, wasm.hitsAt(), wasm.hitsFound()),
  };
}
