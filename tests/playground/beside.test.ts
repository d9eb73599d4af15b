// What the page does beside an exchange: results of an earlier edit, the verdict's words, help for fields, files to take along. One page serves all
// tests here.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Browser, Page } from "playwright-core";
import { REQUESTS } from "../../playground/requests";
import { run as command } from "../cli/run";
import { errorsOf } from "../deploy/resources";
import { checkBuild, isUsable, openPage, settled, startBrowser, WHY, type Opened } from "./browser";

describe.skipIf(!isUsable)(`beside an exchange, the playground${WHY}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let opened: Opened;
  let page: Page;

  beforeAll(async () => {
    checkBuild();
    browser = await startBrowser();
    opened = await openPage(browser);
    page = opened.page;
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    expect(opened.complaints).toEqual([]);
    expect(opened.requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
  });

  /** Claude's configuration and one of the requests, as they come. */
  async function choose(example: string): Promise<void> {
    await page.locator("#case").selectOption({ index: 1 });
    await settled(page);
    await page.locator("#provider").selectOption("claude");
    await settled(page);
    await page.locator("#example").selectOption(example);
    await settled(page);
  }

  async function run(): Promise<void> {
    await page.locator("#results").evaluate((element) => element.setAttribute("aria-busy", "true"));
    await page.locator("#run").click();
    await settled(page);
  }

  it("greys results of an earlier edit, until they are run again or the edit is taken back", async () => {
    await choose("chat-stream");
    const isOld = () => page.locator("#results").evaluate((element) => element.classList.contains("old"));
    expect([await isOld(), await page.locator("#age").isVisible()]).toEqual([false, false]);
    const path = await page.locator("#path").inputValue();
    await page.locator("#path").fill("/v1/models");
    expect([await isOld(), await page.locator("#age").innerText()]).toEqual([
      true,
      "The results belong to an earlier edit. Run again (Ctrl ⏎).",
    ]);
    await page.locator("#path").fill(path);
    expect([await isOld(), await page.locator("#age").isVisible()]).toEqual([false, false]);
    await page.locator("#reply-status").fill("500");
    expect(await isOld()).toBe(true);
    await run();
    expect([await isOld(), await page.locator("#age").isVisible()]).toEqual([false, false]);
  });

  it("judges a configuration in the words of the command line", async () => {
    await choose("chat-stream");
    const folder = mkdtempSync(join(tmpdir(), "ai-proxy-words-"));
    const file = join(folder, "config.yaml");
    for (const config of ["provider: { type: openai }\n", "provider: { type: openai, timeuot: 1 }\n", "provider: { type: cloude }\n"]) {
      writeFileSync(file, config);
      await page.locator("#config").fill(config);
      await run();
      const { stdout } = command(["check", file]);
      expect(stdout.trim().split("\n").at(-1)).toBe(`${file}: ${await page.locator("#verdict").innerText()}`);
    }
    rmSync(folder, { recursive: true });
  });

  it("says what a field means, and offers those that begin like the word at the cursor", async () => {
    await choose("chat-stream");
    await page.locator("#config").fill("");
    await page.locator("#config").pressSequentially("provider:\n  type: openai\n  apiT");
    await page.locator("#field-help button", { hasText: "apiTokens" }).click();
    expect(await page.locator("#config").inputValue()).toBe("provider:\n  type: openai\n  apiTokens: ");
    expect(await page.locator("#field-help").innerText()).toContain("API keys; one is chosen for each request.");
    await page.locator("#config").fill("providers:\n  - id: a\n    failover:\n      cool");
    expect(await page.locator("#field-help button").allInnerTexts()).toEqual(["cooldownDuration"]);
    await page.locator("#config").fill("spec:\n  matchRules:\n    - ingress: [a]\n      config:\n        splitBy");
    await page.locator("#config").pressSequentially(": x");
    expect(await page.locator("#field-help").innerText()).toContain("Who keeps a side of the split");
  });

  it.each(["chat-stream", "messages", "responses-stream", "gemini", "gemini-stream", "embeddings"])(
    "exports %s as files that are read",
    async (example) => {
      await choose(example);
      await page.locator("#export").evaluate((one: HTMLDetailsElement) => (one.open = true));
      const texts: string[] = [];
      for (const kind of ["wasmplugin", "envoy", "sdk"]) {
        await page.locator("#export-kind").selectOption(kind);
        texts.push((await page.locator("#export-text").textContent())!);
      }
      for (const text of texts) expect(text).not.toContain("made-up-token");
      const [wasmPlugin, envoy, sdk] = texts;
      expect(errorsOf(parse(wasmPlugin))).toEqual([]);
      expect(parse(wasmPlugin).spec.defaultConfig.provider).toMatchObject({ type: "claude", apiTokens: ["masked-1"] });
      expect(envoy.replace(/^ *#.*$/gm, "")).not.toContain("${");
      const { listeners, clusters } = parse(envoy).static_resources;
      const plugin = listeners[0].filter_chains[0].filters[0].typed_config.http_filters.find((filter: any) => filter.name === "ai-proxy");
      expect(JSON.parse(plugin.typed_config.config.configuration.value)).toEqual(parse(wasmPlugin).spec.defaultConfig);
      if (example !== "embeddings") expect(clusters[0].transport_socket.typed_config.sni).toBe("api.anthropic.com");
      const program = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: sdk, encoding: "utf8" });
      expect([program.status, program.stderr]).toEqual([0, ""]);
      expect(sdk).toContain(REQUESTS.find((one) => one.id === example)!.path.includes("models/") ? "gemini-2.5-flash" : "model=");
    },
  );
});
