/**
 * Where a BLAS library may be found on this machine: by names that the system's loader knows, and at the places of the usual
 * package managers. Only names; `blas.ts` opens them. A plain `libblas` is not among them: where it is none of the fast
 * libraries under another name, it is the reference one, and that is slower than our own kernels.
 */

/** Libraries with the 32-bit C interface, the fastest first; of OpenBLAS, the ones that several threads may call first. */
const candidates: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "libopenblasp.so.0", // Fedora's with threads; its libopenblas.so.0 is the one without
    "libopenblas.so.0",
    "libmkl_rt.so.2",
    "libmkl_rt.so",
    "/opt/intel/oneapi/mkl/latest/lib/libmkl_rt.so.2",
    "libblis.so.4",
    "libblis-mt.so.4",
    "libopenblas.so",
    "libblis.so",
  ],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
    "/opt/local/lib/libopenblas.dylib",
  ],
  win32: ["libopenblas.dll", "openblas.dll", "mkl_rt.2.dll", "mkl_rt.dll"],
  freebsd: ["libopenblasp.so.0", "libopenblas.so.0", "libblis.so"],
};

/**
 * The libraries to try, in this order.
 *
 * @param wish the environment's MPITS_BLAS: `off` for none, or the name or path of one; undefined or empty: the well-known ones
 */
export function blasLibraries(wish: string | undefined, platform: string = process.platform): readonly string[] {
  if (wish === "off") return [];
  return wish ? [wish] : (candidates[platform] ?? []);
}
