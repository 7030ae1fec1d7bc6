// The matrix product with fused multiply-add, where relaxed SIMD is there.
// asc: --enable relaxed-simd
export * from "./shared/gemm";
export * from "./shared/wide";
