/** Tests on a test bed (bed.sh): several hosts with networks of their own on this machine. Needs root; `npm run test:cluster`. */
import base from "../../jest.config.js";

export default {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/cluster/**/*.test.ts"],
  testPathIgnorePatterns: [],
  maxWorkers: 1, // what is measured would disturb each other
};
