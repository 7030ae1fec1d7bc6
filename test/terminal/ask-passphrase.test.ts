/** The prompt for a passphrase, on a terminal that script(1) plays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../programs/ask-passphrase.js", import.meta.url));

/** Types as soon as the prompt can be seen. @returns all that the terminal showed, and the exit code */
async function typing(keys: string): Promise<{ shown: string; code: number }> {
  const child = spawn("script", ["-qec", `'${process.execPath}' '${program}'`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  let typed = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (typed || !shown.includes("Passphrase for some-key: ")) return;
    typed = true;
    child.stdin.write(keys);
  });
  const [code] = (await once(child, "close")) as [number];
  return { shown: shown.replaceAll("\r\n", "\n"), code };
}

test("a passphrase is not shown, however soon it is typed", async () => {
  expect(await typing("sesame\n")).toEqual({ shown: "Passphrase for some-key: \ngot 6\n", code: 0 });
});

test.each([
  ["nothing", "\n"],
  ["the end of input (Ctrl-D)", "\x04"],
])("%s gives no passphrase", async (_, keys) => {
  expect(await typing(keys)).toEqual({ shown: "Passphrase for some-key: \ngot undefined\n", code: 0 });
});

test("Ctrl-C ends the program", async () => {
  const { shown, code } = await typing("\x03");
  expect(shown).not.toContain("got");
  expect(code).toBe(130);
});
