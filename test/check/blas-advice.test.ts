import { blasAdvice } from "../../src/check/blas-advice.ts";

const avx2 = ["avx2", "fma"];
const avx512 = [...avx2, "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"];

test("an OpenBLAS that takes a new processor for an old one is told what it is", () => {
  expect(blasAdvice("OpenBLAS 0.3.21 (Prescott)", new Set(avx512))).toContain("Set OPENBLAS_CORETYPE=SkylakeX");
  expect(blasAdvice("OpenBLAS 0.3.21 (Prescott)", new Set([...avx2, "avx512f"]))).toContain(
    "OPENBLAS_CORETYPE=Haswell",
  );
});

test("one that knows its processor, an old processor, and other libraries need no advice", () => {
  expect(blasAdvice("OpenBLAS 0.3.21 (Haswell)", new Set(avx512))).toBeUndefined();
  expect(blasAdvice("OpenBLAS 0.3.21 (Prescott)", new Set(["sse3"]))).toBeUndefined();
  expect(blasAdvice("MKL", new Set(avx512))).toBeUndefined();
});
