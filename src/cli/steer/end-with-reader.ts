/** `mpits logs | head` is no failure: a command ends when nobody reads what it prints. */
export function endWithReader(): void {
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit();
  });
}
