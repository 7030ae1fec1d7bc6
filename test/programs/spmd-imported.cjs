// A CommonJS program of every rank, for any Node.
async function main() {
  const { world } = await import("mpits/program");
  console.log(`rank ${world.rank} of ${world.size}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
