/** Tests of machines, codec and matching run on the sources; tests of threads and processes on the built package, by its public name. */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["\\.long\\.test\\.ts$", "<rootDir>/test/cluster/", "<rootDir>/test/page/"],
  modulePathIgnorePatterns: ["<rootDir>/examples/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "es6" }, sourceMaps: "inline" },
    ],
  },
  moduleNameMapper: {
    "^mpits$": "<rootDir>/dist/index.js",
    "^mpits/opentelemetry$": "<rootDir>/dist/opentelemetry/instrument-cluster.js",
    "^mpits/stately$": "<rootDir>/dist/stately/to-stately.js",
    "^#configuration$": "<rootDir>/dist/config/parse-configuration.js",
  },
  maxWorkers: 2,
  // The end of a worker that ran sixty suites takes 0.3 to 0.6 s (1 GB of their modules to free), on a busy machine more than 5; its default of 0.5 s called that a leak.
  workerGracefulExitTimeout: 60_000,
  // No test waits for it: it only ends one that hangs, on a busy machine too.
  testTimeout: 120_000,
};
