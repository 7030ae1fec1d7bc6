/** Tests that take long, or need other programs to compare with: `npm run test:long`. */
import base from "../jest.config.js";

export default {
  ...base,
  rootDir: "..",
  testMatch: ["<rootDir>/test/**/*.long.test.ts"],
  testPathIgnorePatterns: [],
};
