export * from "./errors.ts";
export type { Kernel, KernelDefinition, RankContext, ReduceContext, World } from "./kernels/define-kernel.ts";
export { defineKernel } from "./kernels/define-kernel.ts";
export { forRank, share } from "./kernels/share.ts";
