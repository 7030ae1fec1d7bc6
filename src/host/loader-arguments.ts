/** Which of this process's Node options another thread or process needs to load the same modules. */

/** Each with a value: after "=", or as the next argument. */
const passedOn = new Set([
  "--import",
  "--require",
  "-r",
  "--loader",
  "--experimental-loader",
  "--conditions",
  "-C",
  "--disable-warning",
]);
/** These stand alone. */
const alsoPassedOn =
  /^--(experimental-strip-types|experimental-transform-types|enable-source-maps|preserve-symlinks|no-warnings)\b/;

/** The options that say how modules are found and translated; not those of debuggers, of -e, of test runners. */
export function loaderArguments(execArgv: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const option = execArgv[i];
    const [name] = option.split("=", 1);
    if (alsoPassedOn.test(option)) out.push(option);
    else if (passedOn.has(name)) {
      out.push(option);
      if (name === option && i + 1 < execArgv.length) out.push(execArgv[++i]);
    }
  }
  return out;
}
