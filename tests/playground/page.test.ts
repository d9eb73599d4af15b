// The playground as its readers use it: by mouse and by keyboard, at a desk and on a phone, with mistakes and with secrets.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Playground } from "../../playground/main";
import { REQUESTS } from "../../playground/requests";
import { run as command } from "../cli/run";
import { releasePath } from "../../emulator/module";
import schema from "../../schema/config.schema.json";
import { checkBuild, isUsable, openPage, settled, startBrowser, WHY, type Opened } from "./browser";

declare const playground: Playground;

const TOKEN = "tok-8f3Kq27-provider";
const CLIENT_KEY = "cli-77Wm31-caller";
const CASES = [
  "claude/tool-stream",
  "bedrock/stream",
  "event-streams/cut-in-the-middle",
  "errors/provider-error-passes",
  "gemini/native-stream",
];
const MISTAKE = "a configuration with mistakes";
/** Those states that axe looks at: it takes its time. */
const JUDGED = ["", "errors/provider-error-passes", MISTAKE];
const SIZES = [
  { width: 1280, height: 900 },
  { width: 360, height: 780 },
];

describe.skipIf(!isUsable)(`the playground's page${WHY}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  const opened: Opened[] = [];

  beforeAll(async () => {
    checkBuild();
    browser = await startBrowser();
  }, 60_000);

  afterAll(() => browser?.close());

  /** Whatever a test did: nothing was fetched, nothing went wrong unnoticed. */
  afterEach(async () => {
    for (const { page, requests, complaints } of opened.splice(0)) {
      await page.context().close();
      expect(requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
      expect(new Set(requests.map((url) => url.split("#")[0])).size).toBe(1);
      expect(complaints).toEqual([]);
    }
  });

  async function open(options: BrowserContextOptions = {}, fragment = ""): Promise<Page> {
    const one = await openPage(browser, options, fragment);
    opened.push(one);
    return one.page;
  }

  async function runPage(page: Page): Promise<void> {
    await page.locator("#results").evaluate((element) => element.setAttribute("aria-busy", "true"));
    await page.locator("#run").click();
    await settled(page);
  }

  it("runs the plugin's own bytes, and shows what became of the first example", async () => {
    const page = await open();
    const bytes = await page.evaluate(() => playground.wasm.reduce((text, byte) => text + String.fromCharCode(byte), ""));
    expect(Buffer.from(bytes, "latin1").equals(readFileSync(releasePath()))).toBe(true);
    const results = await page.locator("#results").innerText();
    for (const part of [
      "api.anthropic.com",
      "<secret /provider/apiTokens/0>",
      "text/event-stream",
      '"outcome": "completed"',
      "total_token",
    ])
      expect(results).toContain(part);
    expect(await page.locator(".words").innerText()).toContain("What is the capital of France?");
    const tokens = await page.locator(".tiles dd").allInnerTexts();
    expect(Number(tokens[0]) + Number(tokens[1])).toBe(Number(tokens[2]));
    expect(await page.locator("#status").innerText()).toBe(`Responded with 200, ${tokens[0]} + ${tokens[1]} tokens.`);
  });

  it("cannot reach a network even when a script wants to", async () => {
    const page = await open();
    const blocked = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
          fetch("http://127.0.0.1:9/").catch(() => {});
        }),
    );
    expect(blocked).toBe("connect-src");
    // The browser writes down what it has blocked.
    const own = opened.at(-1)!;
    expect(own.complaints.splice(0).join(" ")).toContain("Content Security Policy");
    own.requests.splice(1);
  });

  it("has an example for each provider of the schema and each kind of request, and all of them work", async () => {
    const page = await open();
    const types = await page.evaluate(() => playground.examples.providers.map((one) => one.type));
    expect(types).toEqual(schema.$defs.provider.properties.type.enum);
    const outcomes = await page.evaluate(async (requests) => {
      const { providers, replies, replyOf } = playground.examples;
      const out = [];
      for (const { type, config } of providers)
        for (const { id, path, body } of requests) {
          const index = replyOf[type][id];
          const reply = replies[index ?? 0];
          const request = {
            method: "POST",
            path,
            authority: "h",
            headers: [["content-type", "application/json"]] as [string, string][],
            body: JSON.stringify(body),
          };
          const headers: [string, string][] = [["content-type", reply.type]];
          const setup = { config, request, route: "r", cluster: "c", reply: { ...reply, headers, ends: "complete" as const } };
          const { response, findings, tokens, explanation, complaints } = await playground.run(setup);
          const isLocal = explanation?.localResponse !== null;
          out.push({
            name: `${type} ${id}`,
            hasReply: index !== undefined,
            isLocal,
            status: response?.status,
            isComplete: response?.isComplete,
            errors: findings.length + complaints.length,
            tokens: Number(tokens.total_token),
          });
        }
      return out;
    }, REQUESTS);
    expect(outcomes).toHaveLength(types.length * REQUESTS.length);
    expect(outcomes.filter((one) => one.hasReply).length).toBeGreaterThan(150);
    for (const { name, hasReply, isLocal, status, isComplete, errors, tokens } of outcomes) {
      expect({ name, errors, isComplete, isLocal }).toEqual({ name, errors: 0, isComplete: true, isLocal: !hasReply });
      // An API that a provider does not have is refused; a provider that the plugin does not read has no counts.
      if (hasReply) expect([name, status]).toEqual([name, 200]);
      else expect([400, 404], name).toContain(status);
      if (hasReply && !/^(generic|coze) /.test(name)) expect(tokens, name).toBeGreaterThan(0);
    }
  });

  it("shows a stream's arrivals in order, each at its time", async () => {
    const page = await open({ reducedMotion: "no-preference" });
    await page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const count = document.querySelectorAll(".frames li").length;
        if (seen.length < count) seen[count - 1] = performance.now();
      }).observe(document.getElementById("results")!, { childList: true, subtree: true });
    });
    await runPage(page);
    const times = (await page.locator(".frames .time").allInnerTexts()).map((text) => Number.parseInt(text, 10));
    expect(times.length).toBeGreaterThan(10);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    const seen = await page.evaluate(() => (window as unknown as { seen: number[] }).seen);
    expect(seen).toHaveLength(times.length);
    expect(seen.at(-1)! - seen[0]).toBeGreaterThan((times.at(-1)! - times[0]) * 0.9);
  });

  it.each(SIZES)("never scrolls sideways and has no barrier that axe knows: $width px", async (viewport) => {
    const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
    const page = await open({ viewport });
    await page.evaluate(axe);
    for (const name of ["", ...CASES, MISTAKE]) {
      if (name === MISTAKE) await page.locator("#config").fill("provider:\n  type: cloude\n  apitokens: [x]\n");
      else if (name !== "") await page.locator("#case").selectOption(name);
      await runPage(page);
      await page.locator("details").evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, name).toBeLessThanOrEqual(viewport.width);
      for (const colorScheme of ["light", "dark"] as const) {
        if (!JUDGED.includes(name)) continue;
        await page.emulateMedia({ colorScheme });
        const violations = await page.evaluate(async () => {
          const { violations } = await (globalThis as any).axe.run();
          return violations.map(
            (one: any) =>
              `${one.id}: ${one.nodes
                .map((node: any) => node.html)
                .join(" ")
                .slice(0, 300)}`,
          );
        });
        expect(violations, `${name} ${colorScheme}`).toEqual([]);
      }
    }
  });

  it("can be used by keyboard alone", async () => {
    const page = await open();
    const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
    const order: string[] = [];
    for (let k = 0; k < 9; k++) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    expect(order).toEqual(["skip", "share", "run", "provider", "example", "case", "config", "method", "path"]);
    await page.locator("#config").focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("provider: { type: gemini, apiTokens: [x] }");
    await page.locator("#results").evaluate((element) => element.setAttribute("aria-busy", "true"));
    await page.keyboard.press("Control+Enter");
    await settled(page);
    expect(await page.locator(".flow").innerText()).toContain("generativelanguage.googleapis.com");
    expect(await focused()).toBe("config");
    await page.locator("#skip").focus();
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("results");
  });

  it("says what is wrong with a configuration as the command does, and leads there", async () => {
    const directory = mkdtempSync(join(tmpdir(), "playground-"));
    const texts = [
      "provider:\n  type: cloude\n  apiTokens: [x]\n  modelMaping: { a: b }\n",
      '{"provider": {"type": "openai", "timeout": "soon"},\n "x": 1}',
      "provider:\n\ttype: openai\n",
      '{"provider": {"type": "openai"',
      "provider: { type: azure, apiTokens: [x], modelMapping: { '~(': y } }\n",
      "apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nmetadata: { name: ai }\nspec:\n  defaultConfig:\n    provider: { type: claude }\n",
      "provider:\n  type: openai\n  apiTokens: ['${OPENAI_KEY_OF_NOBODY}']\n",
    ];
    const page = await open();
    for (const text of texts) {
      writeFileSync(join(directory, "c.yaml"), text);
      const { findings } = JSON.parse(command(["check", "--format", "json", join(directory, "c.yaml")]).stdout).files[0];
      expect(findings.length).toBeGreaterThan(0);
      await page.locator("#config").fill(text);
      await runPage(page);
      const shown = await page
        .locator("#findings button")
        .evaluateAll((all) =>
          all.map((one) => [one.className, one.querySelector("b")?.textContent, one.querySelector("span")?.textContent]),
        );
      expect(shown).toEqual(findings.map((one: any) => [one.severity, `${one.line}:${one.column}`, one.message]));
      expect(await page.locator("#config").getAttribute("aria-invalid")).toBe(
        String(findings.some((one: any) => one.severity === "error")),
      );
    }
    rmSync(directory, { recursive: true });
    await page.locator("#config").fill(texts[0]);
    await runPage(page);
    await page.locator("#findings button", { hasText: "/provider/modelMaping" }).focus();
    await page.keyboard.press("Enter");
    const { line, selected } = await page.locator("#config").evaluate((area: HTMLTextAreaElement) => ({
      line: area.value.slice(0, area.selectionStart).split("\n").length,
      selected: area.value.slice(area.selectionStart, area.selectionEnd),
    }));
    expect([line, selected]).toEqual([4, "modelMaping"]);
    expect(await page.locator("#results").innerText()).toContain("The plugin refuses to start");
  });

  it.each([
    ["path", "no slash", "The path must begin with a slash"],
    ["reply-status", "99", "from 200 to 599"],
    ["authority", "", "needs a host"],
  ])("says why it cannot run: %s", async (id, value, reason) => {
    const page = await open();
    await page
      .locator("details")
      .first()
      .evaluate((one) => one.setAttribute("open", ""));
    await page.locator(`#${id}`).fill(value);
    await runPage(page);
    expect(await page.locator("#results [role=alert]").innerText()).toContain(reason);
  });

  it("shows secrets nowhere: not in results, not in its address, and stores nothing", async () => {
    const page = await open();
    const config = `consumers: [{ name: alice, credential: ${CLIENT_KEY} }]\nprovider: { type: claude, apiTokens: [${TOKEN}] }\n`;
    await page.locator("#config").fill(config);
    await page
      .locator("#request-headers")
      .evaluate((area: HTMLTextAreaElement, key) => (area.value = `content-type: application/json\nx-api-key: ${key}`), CLIENT_KEY);
    await page.locator("#path").fill(`/v1/chat/completions?api-key=${CLIENT_KEY}`);
    await page.locator("#reply-body").fill(`{"type":"error","error":{"type":"authentication_error","message":"bad key ${TOKEN}"}}`);
    await page.locator("#reply-status").fill("401");
    await runPage(page);
    expect(await page.locator("#results").innerText()).toContain("bad key <secret /provider/apiTokens/0>");
    await page.locator("#share").click();
    await page.waitForFunction(() => document.getElementById("status")?.textContent?.includes("masked-1"));
    const left = await page.evaluate(
      () =>
        document.documentElement.outerHTML +
        location.href +
        document.cookie +
        JSON.stringify(history.state) +
        localStorage.length +
        sessionStorage.length,
    );
    for (const secret of [TOKEN, CLIENT_KEY]) expect(left).not.toContain(secret);
    expect(left).toMatch(/null00$/);

    const link = await open({}, new URL(page.url()).hash);
    const values = await link.evaluate(() =>
      [...document.querySelectorAll("textarea, input, select")].map((one) => (one as HTMLInputElement).value).join("\n"),
    );
    for (const secret of [TOKEN, CLIENT_KEY]) expect(values).not.toContain(secret);
    // Equal secrets have equal masks: the caller is still let in.
    expect(await link.locator(".verdict").innerText()).toContain("401");
    expect(await link.locator("#results").innerText()).toContain('"consumer": "alice"');
  });

  it("comes back from its link as it was", async () => {
    const page = await open();
    await page.locator("#provider").selectOption("gemini");
    await page.locator("#example").selectOption("chat");
    await page.locator("#request-body").fill('{"model":"漢字","messages":[{"role":"user","content":"Grüße"}]}');
    await page.locator("#reply-ends").selectOption("cut");
    await runPage(page);
    const form = (one: Page) =>
      one.evaluate(() =>
        [...document.querySelectorAll("textarea, input, select")].map((field) => [field.id, (field as HTMLInputElement).value]),
      );
    const link = await open({}, new URL(page.url()).hash);
    expect(await form(link)).toEqual(await form(page));
    expect(await link.locator("#results").innerText()).toContain("broken off");
  });

  it("keeps what was edited when another example is picked", async () => {
    const page = await open();
    await page.locator("#request-body").fill('{"model":"mine","messages":[]}');
    await page.locator("#provider").selectOption("openai");
    await settled(page);
    expect(await page.locator("#request-body").inputValue()).toContain("mine");
    expect(await page.locator("#config").inputValue()).toContain("type: openai");
    await page.locator("#example").selectOption("embeddings");
    await settled(page);
    expect(await page.locator("#path").inputValue()).toBe("/v1/embeddings");
  });
});
