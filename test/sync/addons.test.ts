/** Which packages have no addon for another machine. */
import { addonsNotFor } from "../../src/launch/sync/addons.ts";

const x64 = { platform: "linux", architecture: "x64" };
const arm = { platform: "linux", architecture: "arm64" };
const mac = { platform: "darwin", architecture: "arm64" };
const paths = [
  "p/node_modules/zeromq/build/linux/x64/node/131/addon.node",
  "p/node_modules/zeromq/build/linux/arm64/node/131/addon.node",
  "p/node_modules/zeromq/build/darwin/arm64/node/131/addon.node",
  "p/node_modules/compiled/build/Release/compiled.node",
  "p/node_modules/@swc/core-linux-x64-gnu/swc.linux-x64-gnu.node",
  "p/node_modules/@swc/core-linux-arm64-gnu/swc.linux-arm64-gnu.node",
  "p/node_modules/@other/linux-x64/bin.node",
  "p/node_modules/plain/index.js",
];

test("a machine like the driver's can load all", () => {
  expect(addonsNotFor(x64, x64, paths)).toEqual([]);
});

test("on another one, those that were compiled here or are for others can't be loaded", () => {
  expect(addonsNotFor(arm, x64, paths)).toEqual(["compiled", "@other/*"]);
  expect(addonsNotFor(mac, x64, paths)).toEqual(["compiled", "@swc/core-*", "@other/*"]);
});
