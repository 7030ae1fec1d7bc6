/** Tests of the inspector's page in a real browser; `npm run test:page`. They need Chromium (apt-get install chromium). */
import base from "../../jest.config.js";

export default {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/page/**/*.test.ts"],
  testPathIgnorePatterns: [],
  maxWorkers: 1,
};
