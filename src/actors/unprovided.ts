/** Placeholders for what a machine asks of its surroundings: an action that nobody provided says its own name. */

/** Actions that throw their own name; `where` is the file that provides the real ones. */
export function unprovided<Name extends string>(names: readonly Name[], where: string): Record<Name, () => never> {
  const shout = (name: Name) => () => {
    throw new Error(
      `the action "${name}" was not provided; ${where} shows how, or use machine.provide({ actions: { ${name} } }).`,
    );
  };
  return Object.fromEntries(names.map((name) => [name, shout(name)])) as Record<Name, () => never>;
}
