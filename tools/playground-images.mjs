// Takes the pictures of docs/playground.md anew: `npm run playground && node tools/playground-images.mjs`.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM_OPTIONS, installChromium } from "./chromium.mjs";
import { ROOT } from "./envoy-path.mjs";
import { PAGE } from "./playground.mjs";

const PICTURES = [
  { name: "desktop", width: 1280, height: 860, fragment: "#provider=claude&request=chat-stream", colorScheme: "light" },
  { name: "phone", width: 360, height: 700, fragment: "#provider=gemini&request=chat-stream", colorScheme: "dark", from: "#results" },
];

const missing = installChromium();
if (missing) throw new Error(missing);
const browser = await chromium.launch(CHROMIUM_OPTIONS);
for (const { name, width, height, fragment, colorScheme, from } of PICTURES) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(`${pathToFileURL(PAGE)}${fragment}`);
  await page.evaluate(() => globalThis.playground.ready);
  if (from) await page.locator(from).evaluate((element) => element.scrollIntoView());
  await page.screenshot({ path: join(ROOT, `docs/images/playground-${name}.png`) });
}
await browser.close();
