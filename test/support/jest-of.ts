/** Jest's own object, which is no global in ES modules: `const jest = jestOf(import.meta)`. */

interface ModuleMocks {
  /** Stands in for a module in all that is imported (by `await import`) afterwards; the path is the calling file's. */
  unstable_mockModule(path: string, factory: () => object): void;
}

export function jestOf(meta: ImportMeta): typeof jest & ModuleMocks {
  return (meta as unknown as { jest: typeof jest & ModuleMocks }).jest;
}
