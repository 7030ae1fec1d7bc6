/**
 * The WASM module of the matrix product in this thread: made once, on first use, with one memory that is reused and
 * never exceeds what one tile of a product needs (about 12 MB).
 */
import v8 from "node:v8";
import { wasmBytes as fmaBytes } from "./gemm-fma.wasm.ts";
import { wasmBytes as simdBytes } from "./gemm-simd.wasm.ts";

/** The functions of `assembly/shared/`; all pointers and sizes that end in Bytes are in bytes. */
export interface Engine {
  readonly memory: WebAssembly.Memory;
  packA64(from: number, to: number, rows: number, depth: number): void;
  packA32(from: number, to: number, rows: number, depth: number): void;
  packB64(from: number, to: number, depth: number, cols: number, panelBytes: number): void;
  packB32(from: number, to: number, depth: number, cols: number, panelBytes: number): void;
  multiply64: Multiply;
  multiply32: Multiply;
  addWide(c: number, low: number, high: number, rough: number, count: number, shift: number): void;
  firstOutside(
    low: number,
    high: number,
    rough: number,
    count: number,
    unsigned: boolean,
    min: bigint,
    max: bigint,
  ): number;
}

type Multiply = (
  a: number,
  b: number,
  c: number,
  aPanels: number,
  bPanels: number,
  depth: number,
  rowBytes: number,
) => void;

/** The first bytes of the memory hold the module's own constants. */
const OWN_BYTES = 4096;
const PAGE_BYTES = 65536;

let engine: Engine | undefined;

/** This thread's engine. Fused multiply-add where V8 has it (any Node from 20 on). */
export function engineOfThread(): Engine {
  engine ??= instantiate(hasFusedMultiplyAdd() ? fmaBytes : simdBytes);
  return engine;
}

/** A fresh engine of one variant, so that tests can run both. */
export function engineOf(variant: "simd" | "fma"): Engine {
  return instantiate(variant === "fma" ? fmaBytes : simdBytes);
}

/** Whether this V8 takes relaxed SIMD. Node 20 hides it behind a flag; from Node 22 on, setting that flag prints an error. */
export function hasFusedMultiplyAdd(): boolean {
  if (WebAssembly.validate(fmaBytes)) return true;
  v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return WebAssembly.validate(fmaBytes);
}

/** Offsets of consecutive areas of the given sizes in the engine's memory, which is grown when it is too small. */
export function layOut(engine: Engine, sizesBytes: readonly number[]): number[] {
  let end = OWN_BYTES;
  const offsets = sizesBytes.map((size) => {
    const at = end;
    end += Math.ceil(size / 64) * 64;
    return at;
  });
  const missing = end - engine.memory.buffer.byteLength;
  if (missing > 0) engine.memory.grow(Math.ceil(missing / PAGE_BYTES));
  return offsets;
}

function instantiate(bytes: Uint8Array<ArrayBuffer>): Engine {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Engine;
}
