/** Native addons among a project's files that another kind of machine can't load. Goes by their paths. */

const systems = ["linux", "darwin", "win32", "freebsd"];
const processors = ["x64", "arm64", "arm", "ia32", "riscv64", "ppc64", "s390x"];

interface Machine {
  readonly platform: string;
  readonly architecture: string;
}

/**
 * The packages that have addons for the driver's machine and none for this one. An addon whose path names a machine is for that
 * one (`prebuilds/linux-arm64`, `build/linux/arm64`, a package of its own as `@esbuild/linux-arm64`), any other is for the driver's.
 *
 * @param paths of all files
 */
export function addonsNotFor(host: Machine, driver: Machine, paths: readonly string[]): string[] {
  if (host.platform === driver.platform && host.architecture === driver.architecture) return [];
  const fits = new Map<string, boolean>();
  for (const path of paths) {
    if (!path.endsWith(".node")) continue;
    const name = packageOf(path);
    fits.set(name, fits.get(name) === true || isFor(host, path));
  }
  return [...fits].filter(([, fit]) => !fit).map(([name]) => name);
}

function isFor({ platform, architecture }: Machine, path: string): boolean {
  const words = path.slice(path.lastIndexOf("node_modules/")).split(/[/.-]/);
  const named = words.some((word) => processors.includes(word));
  return (
    named && words.includes(architecture) && (!words.some((word) => systems.includes(word)) || words.includes(platform))
  );
}

/** Packages that differ only in the machine that they are for are one. */
function packageOf(path: string): string {
  const [, name = path] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return name.replace(new RegExp(`(?<=[/-])(?:${systems.join("|")})\\b.*$`), "*");
}
