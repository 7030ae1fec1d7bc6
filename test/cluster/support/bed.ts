/** A test bed (bed.sh) as the tests hold it: a free slot of its own, its hosts, and the processes that run on them. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const script = fileURLToPath(new URL("../bed.sh", import.meta.url));
const root = "/run/mpits-bed";
const slots = 100;

/** A process on a host of the bed, as this machine numbers it. */
export interface BedProcess {
  readonly host: string;
  readonly pid: number;
  readonly command: string;
}

export class Bed {
  /** `node1` and so on. */
  readonly hosts: readonly string[];
  readonly #slot: number;
  /** What a host runs by itself. */
  readonly #own = new Set<number>();

  private constructor(slot: number, count: number) {
    this.#slot = slot;
    this.hosts = Array.from({ length: count }, (_, i) => `node${i + 1}`);
  }

  /** Makes a bed of so many hosts in a free slot; beds whose tests were ended before they could take them down are removed. */
  static async up(count: number): Promise<Bed> {
    await run(["sweep"], 0);
    const bed = new Bed(freeSlot(), count);
    await bed.do("up", count);
    await bed.#learnOwn();
    return bed;
  }

  /** One verb of bed.sh. */
  do(...verb: (string | number)[]): Promise<string> {
    return run(verb.map(String), this.#slot);
  }

  async down(): Promise<void> {
    await this.do("down");
  }

  get state(): string {
    return `${root}/${this.#slot}`;
  }

  get sshConfig(): string {
    return `${this.state}/ssh_config`;
  }

  /** The driver's address on the bed's network. */
  async driverAddress(): Promise<string> {
    return (await this.do("address", 254)).trim();
  }

  /** Bytes that have crossed a host's cable, both ways, with all headers. */
  crossed(host: number): number {
    const statistics = `/sys/class/net/mpitsb${this.#slot}v${host}/statistics`;
    return ["rx_bytes", "tx_bytes"].reduce(
      (sum, file) => sum + Number(readFileSync(`${statistics}/${file}`, "utf8")),
      0,
    );
  }

  /** Power off and on again. */
  async restart(host: number): Promise<void> {
    await this.do("crash", host);
    await this.do("boot", host);
    await this.#learnOwn();
  }

  /** The program's processes on all hosts, or on host number `only` (from 1): not the host's own, nor those of sshd. */
  async processes(only?: number): Promise<BedProcess[]> {
    const found = await Promise.all(
      this.hosts.map(async (host, i) => (only === undefined || only === i + 1 ? this.#processesOf(host, i + 1) : [])),
    );
    return found.flat().filter(({ pid, command }) => !this.#own.has(pid) && !/^(\S*\/)?sshd\b/.test(command));
  }

  /** All of sshd's processes on a host: the one that listens and those of connections. */
  async sshd(host: number): Promise<number[]> {
    const all = await this.#processesOf(this.hosts[host - 1]!, host);
    return all.filter(({ command }) => /^(\S*\/)?sshd\b/.test(command)).map(({ pid }) => pid);
  }

  /** Resolves when nothing of the program runs on any host; rejects when something still does after so many ms (fewer than a lease: 10 s). */
  async expectNothingLeft(withinMs = 5000): Promise<void> {
    const until = Date.now() + withinMs;
    for (;;) {
      const left = await this.processes();
      if (left.length === 0) return;
      if (Date.now() > until)
        throw new Error(
          `left running: ${left.map(({ host, pid, command }) => `${host} ${pid} ${command}`).join("; ")}`,
        );
    }
  }

  async #processesOf(host: string, number: number): Promise<BedProcess[]> {
    const pids = (await this.do("pids", number)).split("\n").filter(Boolean).map(Number);
    return pids.flatMap((pid) => {
      const command = commandOf(pid);
      return command === undefined ? [] : [{ host, pid, command }];
    });
  }

  async #learnOwn(): Promise<void> {
    this.#own.clear();
    for (const [i, host] of this.hosts.entries())
      for (const { pid, command } of await this.#processesOf(host, i + 1))
        if (!command.startsWith("sshd")) this.#own.add(pid);
  }
}

/** undefined for a process that is gone, or only waits to be collected. */
function commandOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return undefined;
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return undefined;
  }
}

/** Takes the folder of a slot: only one can make it. */
function freeSlot(): number {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (let slot = 0; slot < slots; slot++) {
    if (existsSync(`${root}/${slot}`)) continue;
    try {
      mkdirSync(`${root}/${slot}`, { mode: 0o700 });
      writeFileSync(`${root}/${slot}/owner`, String(process.pid));
      return slot;
    } catch {
      // somebody else was faster
    }
  }
  throw new Error(`no free slot for a test bed: ${root} has ${slots}`);
}

async function run(verb: readonly string[], slot: number): Promise<string> {
  const env = { ...process.env, BED_SLOT: String(slot), BED_OWNER: String(process.pid) };
  const { stdout } = await promisify(execFile)(script, verb, { env });
  return stdout;
}
