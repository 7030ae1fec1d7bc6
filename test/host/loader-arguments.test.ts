/** What another thread or process needs to load the same modules, and nothing else. */
import { Worker } from "node:worker_threads";
import { loaderArguments } from "../../src/host/loader-arguments.ts";

test.each([
  ["--import", "tsx"],
  ["--import=tsx"],
  ["--require", "./hook.cjs"],
  ["-r", "./hook.cjs"],
  ["--loader", "ts-node/esm"],
  ["--experimental-loader=ts-node/esm"],
  ["--conditions", "development"],
  ["-C", "development"],
  ["--disable-warning", "ExperimentalWarning"],
  ["--disable-warning=ExperimentalWarning"],
  ["--experimental-strip-types"],
  ["--experimental-transform-types"],
  ["--enable-source-maps"],
  ["--preserve-symlinks"],
  ["--preserve-symlinks-main"],
  ["--no-warnings"],
])("%s %s is passed on", (...option) => {
  expect(loaderArguments(option)).toEqual(option);
  expect(loaderArguments(["--inspect", ...option, "--expose-gc"])).toEqual(option);
});

test.each([
  ["--inspect-brk=0"],
  ["--inspect"],
  ["-e", "console.log(1)"],
  ["--eval=1"],
  ["-p", "1"],
  ["--test"],
  ["--watch"],
  ["--max-old-space-size=100"],
  ["--experimental-vm-modules"],
  ["--importer", "x"],
])("%s is not", (...option) => {
  expect(loaderArguments(option)).toEqual([]);
});

test("several keep their order, each with its value", () => {
  expect(loaderArguments(["--import", "a", "--inspect", "--import=b", "-r", "c", "--prof"])).toEqual([
    "--import",
    "a",
    "--import=b",
    "-r",
    "c",
  ]);
});

test("a value is never taken for an option", () => {
  expect(loaderArguments(["--title", "--import"])).toEqual(["--import"]); // unknown options have unknown values: cut short
  expect(loaderArguments(["--import", "--inspect"])).toEqual(["--import", "--inspect"]);
});

test("a thread takes what is passed on", async () => {
  const execArgv = loaderArguments(["--disable-warning", "ExperimentalWarning", "--inspect", "--no-warnings"]);
  const thread = new Worker("", { eval: true, execArgv });
  expect(await new Promise((resolve) => thread.once("exit", resolve))).toBe(0);
});
