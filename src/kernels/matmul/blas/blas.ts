/**
 * A BLAS library of the machine, opened through koffi: its matrix product as a function of typed arrays, its name and its
 * threads. Calls are synchronous, from compute threads only: an asynchronous one of koffi may crash the process.
 */
import type { LibraryHandle } from "koffi";
import type { FloatArray } from "../operand.ts";

/** Part of a row-major matrix: where it begins, and how many elements lie between two rows. */
interface Panel {
  readonly data: FloatArray;
  readonly at: number;
  readonly stride: number;
}

export interface Blas {
  /** Name and version, such as "OpenBLAS 0.3.21 (Haswell)". */
  readonly name: string;
  /** The name or path by which it was opened. */
  readonly library: string;
  /** True when a call with several threads waits until another rank's call is over: such calls should take all cores. */
  readonly oneThreadedCallAtATime: boolean;
  /** How many threads each call from now on may use, in the whole process. Where the library has no such switch, nothing happens. */
  setThreads(count: number): void;
  /**
   * C = A · B, or C += A · B: m × n, m × k, k × n, all of the same element type.
   * @param add whether to C; when false, C is not read
   */
  multiply(m: number, n: number, k: number, a: Panel, b: Panel, c: Panel, add: boolean): void;
}

// Of cblas.h.
const rowMajor = 101;
const notTransposed = 111;

type Gemm = (...args: (number | FloatArray)[]) => void;

/** @throws Error when there is no such library, or it has no C interface */
export async function openBlas(library: string): Promise<Blas> {
  const { default: koffi } = await import("koffi");
  const lib = koffi.load(library);
  const [dgemm, sgemm] = [gemmOf(lib, "cblas_dgemm", "double"), gemmOf(lib, "cblas_sgemm", "float")];
  return {
    library,
    ...vendorOf(lib),
    multiply(m, n, k, a, b, c, add) {
      const gemm = c.data.BYTES_PER_ELEMENT === 8 ? dgemm : sgemm;
      const [pa, pb, pc] = [a, b, c].map(({ data, at }) => data.subarray(at)) as [FloatArray, FloatArray, FloatArray];
      const none = notTransposed;
      gemm(rowMajor, none, none, m, n, k, 1, pa, a.stride, pb, b.stride, add ? 1 : 0, pc, c.stride);
    },
  };
}

function gemmOf(lib: LibraryHandle, name: string, real: "double" | "float"): Gemm {
  const matrix = ["void *", "int"];
  return lib.func(name, "void", [
    ...["int", "int", "int", "int", "int", "int", real],
    ...matrix,
    ...matrix,
    real,
    ...matrix,
  ]);
}

/** Which library it is shows in the functions that it has beside those of the standard. */
function vendorOf(lib: LibraryHandle): Pick<Blas, "name" | "oneThreadedCallAtATime" | "setThreads"> {
  const config = functionOf<() => string>(lib, "openblas_get_config", "str", []);
  if (config) {
    const [, version = ""] = /OpenBLAS (\S+)/.exec(config()) ?? [];
    const core = functionOf<() => string>(lib, "openblas_get_corename", "str", [])?.();
    const parallel = functionOf<() => number>(lib, "openblas_get_parallel", "int", [])?.();
    const setThreads = functionOf<(count: number) => void>(lib, "openblas_set_num_threads", "void", ["int"]);
    const byOwnThreads = 1; // 0: none, 2: by OpenMP
    return {
      name: core ? `OpenBLAS ${version} (${core})` : `OpenBLAS ${version}`,
      oneThreadedCallAtATime: parallel === byOwnThreads,
      setThreads: setThreads ?? (() => {}),
    };
  }
  const mkl = functionOf<(count: number) => void>(lib, "MKL_Set_Num_Threads", "void", ["int"]);
  if (mkl) return { name: "MKL", oneThreadedCallAtATime: false, setThreads: mkl };
  const blis = functionOf<(count: number) => void>(lib, "bli_thread_set_num_threads", "void", ["int64_t"]);
  if (blis) {
    const version = functionOf<() => string>(lib, "bli_info_get_version_str", "str", [])?.() ?? "";
    return { name: `BLIS ${version}`.trim(), oneThreadedCallAtATime: false, setThreads: blis };
  }
  return { ...accelerateOf(lib), oneThreadedCallAtATime: false };
}

/** Apple's library is either single-threaded or uses all cores. */
function accelerateOf(lib: LibraryHandle): Pick<Blas, "name" | "setThreads"> {
  const setThreading = functionOf<(mode: number) => number>(lib, "BLASSetThreading", "int", ["uint"]);
  if (!setThreading) return { name: "BLAS", setThreads: () => {} };
  const [multiThreaded, singleThreaded] = [0, 1];
  return { name: "Accelerate", setThreads: (count) => void setThreading(count > 1 ? multiThreaded : singleThreaded) };
}

function functionOf<F>(lib: LibraryHandle, name: string, result: string, parameters: string[]): F | undefined {
  try {
    return lib.func(name, result, parameters) as F;
  } catch {
    return undefined; // the library has no such function
  }
}
