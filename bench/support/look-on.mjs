// A process that looks at an inspector's page. Arguments: the link, and "read" (reads the stream and forgets it) or "chromium".
import { openBrowser } from "../../scripts/page/chromium.mjs";

const [link, how] = process.argv.slice(2);
if (how === "chromium") {
  const page = await (await openBrowser()).newPage();
  await page.goto(link);
  await page.locator('#connection[data-connection="live"]').waitFor();
  process.send("looks");
} else {
  const html = await (await fetch(link)).text();
  const [, key] = /name="mpits-key" content="([\w-]+)"/.exec(html);
  const { body } = await fetch(new URL("/feed", link), { headers: { Authorization: `Bearer ${key}` } });
  process.send("looks");
  for await (const _ of body);
}
process.once("disconnect", () => process.exit());
