/**
 * The cluster file, mpits.yaml: `defaults:` and `hosts:`, as host entries. Pure, on the file's text; every mistake with line and column.
 */
import type * as Yaml from "yaml";
import type { Node, ParsedNode } from "yaml";
import * as z from "zod";
import { UsageError } from "../errors.ts";
import { later } from "../load-later.ts";
import { defined, hostKeysOfFile, hostOfFile, hostSettings, nodeExecutable } from "./host-schema.ts";
import type { HostEntry } from "./host-spec.ts";
import { type Problem, problemsOf } from "./problems.ts";

const yaml = later<typeof Yaml>((require) => require("yaml"));

const defaultsSchema = z.strictObject(
  { ...hostSettings, node: nodeExecutable.optional() },
  "keys such as user: me and slots: 4",
);
const schema = z.strictObject(
  {
    defaults: defaultsSchema.optional(),
    hosts: z.array(hostOfFile, "a list of hosts"),
  },
  "keys: hosts, and perhaps defaults",
);

type ClusterDocument = ReturnType<typeof Yaml.parseDocument<ParsedNode>>;

/**
 * ```yaml
 * defaults: { user: pi, node: /opt/node/bin/node, slots: 4 }
 * hosts:
 *   - pi[1-4]
 *   - { name: big, host: 10.0.0.9, port: 2222, slots: 16, jump: me@gateway, env: { OMP_NUM_THREADS: "2" } }
 * ```
 *
 * @param file how errors call the file
 * @throws UsageError with every mistake as `file:line:column path: …`, one per line
 */
export function parseClusterFile(text: string, file: string): HostEntry[] {
  const lines = new (yaml().LineCounter)();
  const document = yaml().parseDocument<ParsedNode>(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  refuse(document.errors.map((error) => `${place(error.pos[0])} ${error.message}`));
  const value: unknown = document.toJS();
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    refuse(
      problemsOf(parsed.error.issues, value, knownKeys).map(
        (problem) => `${place(offsetOf(document, problem))} ${said(problem)}`,
      ),
    );
  const { defaults = {}, hosts } = parsed.data!;
  const { node, ...shared } = defaults;
  const base = defined({ ...shared, nodeExecutable: node });
  return hosts.map((host, index) => ({
    ...base,
    ...host,
    ...(base.env && { env: { ...base.env, ...host.env } }),
    where: place(rangeStart(document.getIn(["hosts", index], true))),
  }));
}

function refuse(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new UsageError(mistakes.join("\n"));
}

function said({ path, text }: Problem): string {
  return path.length === 0 ? `the file ${text}` : `${path.join(".")}: ${text}`;
}

function knownKeys(path: Problem["path"]): readonly string[] {
  if (path[0] === "hosts" && path.length === 2) return hostKeysOfFile;
  if (path[0] === "defaults" && path.length === 1) return Object.keys(defaultsSchema.shape);
  return path.length === 0 ? Object.keys(schema.shape) : [];
}

/** Where a problem is: at the key when that is the mistake, else at the value, or at what should have had one. */
function offsetOf(document: ClusterDocument, { path, atKey }: Problem): number {
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (atKey && yaml().isMap(parent)) {
    const pair = parent.items.find(({ key }) => String(key) === String(path.at(-1)));
    return rangeStart(pair?.key);
  }
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return rangeStart(node ?? parent);
}

function rangeStart(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}
