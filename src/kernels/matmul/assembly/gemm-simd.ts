// The matrix product for every Node: multiplies and adds apart.
export * from "./shared/gemm";
export * from "./shared/wide";
