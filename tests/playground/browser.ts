// The playground as its readers open it: the built page, from a file, in Debian's Chromium, cut off from any network.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import type { Playground } from "../../playground/main";
import { CHROMIUM_OPTIONS, installChromium } from "../../tools/chromium.mjs";
import { PAGE } from "../../tools/playground.mjs";
import { releasePath } from "../../emulator/module";

declare const playground: Playground;

const missing = installChromium();
/** On CI a missing browser is a failure, not a reason to skip. */
export const isUsable = missing === "" || process.env.CI !== undefined;
export const WHY = isUsable ? "" : ` (${missing})`;

export interface Opened {
  page: Page;
  /** What the page wrote to the console and errors that nobody caught. */
  complaints: string[];
  /** Addresses that the page asked for, itself first. */
  requests: string[];
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch(CHROMIUM_OPTIONS);
}

/** Throws when the page was not built from the plugin under test. */
export function checkBuild(): void {
  if (!existsSync(PAGE)) throw new Error("build/playground is missing: npm run playground");
  const sha256 = createHash("sha256").update(readFileSync(releasePath())).digest("hex");
  if (!readFileSync(PAGE, "utf8").includes(sha256)) throw new Error("build/playground is older than the plugin: npm run playground");
}

/** Opens the page and waits until it has run its first exchange. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}, fragment = ""): Promise<Opened> {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 900 }, ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  const opened: Opened = { page, complaints: [], requests: [] };
  page.on("console", (message) => opened.complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => opened.complaints.push(error.message));
  page.on("request", (request) => opened.requests.push(request.url()));
  await page.goto(`${pathToFileURL(PAGE)}${fragment}`);
  await page.evaluate(() => playground.ready);
  return opened;
}

/** Waits until the results belong to what is in the form. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getElementById("results")?.getAttribute("aria-busy") === "false");
}
