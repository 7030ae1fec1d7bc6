// The process of one contender: opens it, and gives a sample whenever the runner asks for one.
// Arguments: suite file, row, "ours" or a peer's name. See contender-process.mjs for the other side.
import { pathToFileURL } from "node:url";

const [file, rowId, name] = process.argv.slice(2);
process.argv.splice(2); // a compute thread may load the same modules; these words are not for them
const { default: suite } = await import(pathToFileURL(file).href);
const row = suite.rows.find(({ id }) => id === rowId);
const contender = name === "ours" ? row.ours : row.peers.find((peer) => peer.name === name).open;

const opened = Promise.resolve().then(contender);
await answer(async () => void (await opened));
process.on("message", () => answer(async () => [await (await opened).sample()].flat()));
process.once("disconnect", async () => {
  await opened.then(({ close }) => close?.()).catch(() => {}); // one that could not be opened has said so
  process.exit();
});

async function answer(work) {
  try {
    process.send({ values: await work() });
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) });
  }
}
