/* global document, location -- in what runs in the page */
// `npm run site:check`: the built site as its readers use it, in Debian's Chromium without a network. Every link and anchor leads somewhere,
// search finds words of both languages, no page is wider than a phone, and axe finds nothing serious.
import { createServer } from "node:http";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { extname, join, posix, relative } from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { CHROMIUM_OPTIONS, installChromium } from "../tools/chromium.mjs";
import { ROOT } from "./stage.mjs";

const SITE = join(ROOT, "build/site");
const BASE = (process.env.SITE_BASE ?? "/").replace(/\/$/, "");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" };
const PHONE = { width: 360, height: 780 };
const DESK = { width: 1280, height: 900 };
/** What axe judges in both sizes and both colours; it takes about a second a page. The pages have the same parts. */
const JUDGED = ["/", "/configuration.html", "/providers.html", "/operations.html", "/playground.html", "/zh/configuration.html"];
const SEARCHES = [
  { page: "/", word: "cooldownDuration", finds: /cooldownDuration/ },
  { page: "/", word: "rate limit", finds: /limit/i },
  { page: "/zh/configuration.html", word: "密钥", finds: /密钥|apiTokens|consumers/ },
];

const faults = [];
const fault = (text) => {
  faults.push(text);
  console.error(`- ${text}`);
};

/** @returns {string[]} addresses of all pages */
function pages() {
  return readdirSync(SITE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => `/${name}`)
    .sort();
}

/** The file that an address leads to, or undefined. */
function fileOf(address) {
  const path = join(SITE, decodeURIComponent(address));
  const found = [path, join(path, "index.html"), `${path}.html`].find((one) => existsSync(one) && statSync(one).isFile());
  return found !== undefined && found.startsWith(SITE) ? found : undefined;
}

function serve() {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://site").pathname;
    const file = path.startsWith(`${BASE}/`) ? fileOf(path.slice(BASE.length)) : undefined;
    response.writeHead(file === undefined ? 404 : 200, { "content-type": TYPES[extname(file ?? "")] ?? "application/octet-stream" });
    response.end(file === undefined ? "not found" : readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Links, images and anchors, read from the files. */
function checkLinks() {
  const texts = new Map(pages().map((page) => [page, readFileSync(join(SITE, page), "utf8")]));
  const ids = new Map([...texts].map(([page, text]) => [page, new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]));
  let count = 0;
  for (const [page, text] of texts) {
    if (page.startsWith("/playground/")) continue;
    for (const [, , link] of text.matchAll(/ (href|src)="([^"]*)"/g)) {
      if (/^(?:[a-z]+:|\/\/)/.test(link)) continue;
      count++;
      const [path, anchor] = link.replaceAll("&amp;", "&").split("#");
      const target = path === "" ? page : path.startsWith("/") ? path.slice(BASE.length) : posix.join(posix.dirname(page), path);
      const file = fileOf(target);
      if (file === undefined) fault(`${page}: ${link} leads nowhere`);
      else if (anchor && file.endsWith(".html") && !ids.get(`/${relative(SITE, file)}`)?.has(decodeURIComponent(anchor)))
        fault(`${page}: ${link} has no such anchor`);
    }
  }
  return { pages: texts.size, links: count };
}

/** A page that reports what goes wrong in it, and asks this machine alone. */
async function open(context, origin, address) {
  const page = await context.newPage();
  page.on("pageerror", (error) => fault(`${address}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && fault(`${address}: ${message.text()}`));
  page.on(
    "request",
    (request) => !request.url().startsWith(origin) && !request.url().startsWith("data:") && fault(`${address} asks for ${request.url()}`),
  );
  await page.goto(`${origin}${BASE}${address}`, { waitUntil: "load" });
  return page;
}

async function checkWidth(browser, origin) {
  const context = await browser.newContext({ viewport: PHONE, isMobile: true });
  const shown = pages().filter((page) => !/^\/(?:zh\/)?files\/|^\/404|^\/playground\//.test(page));
  for (const address of shown) {
    const page = await open(context, origin, address);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > PHONE.width) fault(`${address} is ${width} wide on a phone of ${PHONE.width}`);
    await page.close();
  }
  const page = await open(context, origin, "/configuration.html");
  await page.getByRole("button", { name: "Menu" }).click();
  const inMenu = page.locator('.VPSidebar a[href$="/cli.html"]');
  await inMenu.waitFor({ state: "visible", timeout: 5000 }).catch(() => fault("the menu does not open on a phone"));
  await context.close();
  return shown.length;
}

async function checkAxe(browser, origin) {
  let count = 0;
  for (const viewport of [DESK, PHONE])
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      for (const address of JUDGED) {
        const page = await open(context, origin, address);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        for (const { id, impact, help, nodes } of violations.filter((one) => ["serious", "critical"].includes(one.impact)))
          fault(
            `${address} (${viewport.width}, ${colorScheme}): ${impact} ${id}: ${help}: ${nodes
              .slice(0, 3)
              .map((node) => node.html.slice(0, 160))
              .join(" | ")}`,
          );
        count++;
        await page.close();
      }
      await context.close();
    }
  return count;
}

async function checkSearch(browser, origin) {
  const context = await browser.newContext({ viewport: DESK, reducedMotion: "reduce" });
  for (const { page: address, word, finds } of SEARCHES) {
    const page = await open(context, origin, address);
    await page.locator("#local-search button").first().click();
    const box = page.locator("#localsearch-input");
    await box.fill(word);
    const results = page.locator("#localsearch-list .result");
    const first = await results
      .first()
      .textContent({ timeout: 15_000 })
      .catch(() => undefined);
    if (first === undefined) fault(`search for ${word} finds nothing`);
    else {
      const texts = await results.allTextContents();
      if (!texts.some((text) => finds.test(text))) fault(`search for ${word} finds ${texts.slice(0, 3).join(" | ")}`);
      await box.press("Enter");
      await page.waitForFunction((before) => location.pathname + location.hash !== before, `${BASE}${address}`);
      if ((await page.locator("main h1").count()) !== 1) fault(`search for ${word} leads to ${page.url()}, which has no title`);
    }
    await page.close();
  }
  await context.close();
}

async function checkPlayground(browser, origin) {
  const context = await browser.newContext({ viewport: DESK });
  const page = await open(context, origin, "/");
  await page.getByRole("link", { name: "Playground", exact: true }).first().click();
  await page.waitForFunction(() => globalThis.playground?.ready);
  await page.evaluate(() => globalThis.playground.ready);
  await context.close();
}

if (!existsSync(join(SITE, "index.html"))) throw new Error("build/site is missing: npm run site");
const missing = installChromium();
if (missing !== "") throw new Error(missing);
const { pages: total, links } = checkLinks();
const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch(CHROMIUM_OPTIONS);
try {
  const narrow = await checkWidth(browser, origin);
  const judged = await checkAxe(browser, origin);
  await checkSearch(browser, origin);
  await checkPlayground(browser, origin);
  console.log(
    `${total} pages, ${links} links, ${narrow} pages on a phone, ${judged} judged by axe, ${SEARCHES.length} searches: ${faults.length} faults`,
  );
} finally {
  await browser.close();
  server.close();
}
process.exitCode = faults.length === 0 ? 0 : 1;
