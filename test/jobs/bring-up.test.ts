/** Bringing hosts up, by a launcher that the test plays: why one did not come up. */
import { type BringUpContext, bringUp } from "../../src/cluster/bring-up.ts";
import { HostEntry } from "../../src/cluster/host-entry.ts";
import { HostLines } from "../../src/cluster/host-lines.ts";
import type { Launcher } from "../../src/launch/launcher.ts";
import { Log } from "../../src/log.ts";
import type { ServerTransport } from "../../src/transport/transport.ts";

const spec = { launcher: "local", name: "node1", slots: 1 } as unknown as HostEntry["spec"];

/** The host's process has started, and is ended when `end` is called. */
function started() {
  const entry = new HostEntry(1, "node1", [1], spec, {} as ServerTransport);
  let end = (_signal: string): void => {};
  const exited = new Promise((resolve) => {
    end = (signal) => resolve({ code: null, signal, lastOutput: "" });
  });
  const launcher = {
    prepare: async () => ({ host: "node1", probe: {}, start: async () => ({ exited }), abort: async () => {} }),
  } as unknown as Launcher;
  const lines = new HostLines(
    Log.ofDriver("silent", () => {}),
    false,
    () => {},
  );
  return new Promise<{ entry: HostEntry; end(signal: string): void; up: Promise<void> }>((resolve) => {
    const context = {
      configuration: { connectTimeoutS: 60, perNodeThreads: 1 },
      launcherOf: () => launcher,
      callbacks: () => ({ output: lines.of(entry) }),
      started: () => resolve({ entry, end, up }),
      isListening: () => true,
    } as unknown as BringUpContext;
    const up = bringUp([entry], context);
  });
}

test("a host whose Hello can't be read is said to be of another build, and not that its process, which we end then, has ended", async () => {
  const { entry, end, up } = await started();
  entry.refused(new Error("its head must be a list."));
  end("SIGKILL");
  await expect(up).rejects.toMatchObject({
    name: "LaunchError",
    phase: "call back",
    host: "node1",
    message: expect.stringMatching(
      /^could not start rank 1 on node1: it called back, .* its head must be a list\. .* the same build on both\.$/,
    ),
  });
});

test("one whose process ends by itself before it has called back", async () => {
  const { end, up } = await started();
  end("SIGSEGV");
  await expect(up).rejects.toMatchObject({
    message: "could not start rank 1 on node1: its process ended by SIGSEGV before it had called back.",
  });
});

test("one that calls back is up", async () => {
  const { entry, up } = await started();
  const greeting = { pid: 1, nodeVersion: "v20.0.0" };
  entry.sawHello("control", greeting);
  entry.sawHello("data", greeting);
  await up;
});
