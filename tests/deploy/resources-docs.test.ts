// What the operators' documents claim, in both languages: code that parses and fits the schemas, metric names and error codes that
// exist, links that lead somewhere; and the fingerprints of symptoms that need a real Envoy to be sure of.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readAccessLog, parseAiLog } from "../../tools/access-log.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { bootstrap } from "../envoy/bootstrap";
import { Upstream, validateConfig } from "../envoy/lab";
import { LABELS, OVERHEAD, OWN_HISTOGRAMS, SERIES, labelsIn, seriesIn } from "./metric-names";
import { documents, errorsOf, yamlBlocks } from "./resources";
import { PLUGIN_PATH } from "../../emulator/module";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const PAIRS: [string, string][] = [
  ["docs/higress.md", "docs/higress.zh.md"],
  ["docs/operations.md", "docs/operations.zh.md"],
];
const FILES = PAIRS.flat();
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-docs-"));
const blocks = (text: string) => [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].map((match) => [match[1], match[2]]);
/** Words in backticks that tables and sentences name, without those that a bar or ellipsis cut short. */
const codeWords = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
/** The anchors that a Markdown page makes of its headings. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .replaceAll(" ", "-"),
  );

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(FILES)("%s", (path) => {
  const text = read(path);

  it("links to files and headings that exist", () => {
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(0);
    for (const link of links.filter((one) => !one.startsWith("http"))) {
      const [file, anchor] = link.split("#");
      const target = file ? join(ROOT, dirname(path), file) : join(ROOT, path);
      expect(existsSync(target), link).toBe(true);
      if (anchor) expect(anchors(readFileSync(target, "utf8")), link).toContain(anchor);
    }
  });

  it("shows YAML that parses; resources fit their schema, plugin configurations are taken by Envoy", () => {
    for (const block of yamlBlocks(text)) {
      const [first] = documents(block, path);
      if (first?.object.kind) expect(errorsOf(first.object)).toEqual([]);
      if (!first?.object.providers) continue;
      const { isAccepted, log } = validateConfig({ ...first.object, activeProviderId: first.object.providers[0].id });
      expect(log).not.toContain("ai-proxy configuration:");
      expect(isAccepted).toBe(true);
    }
  });

  it("names only series and labels that exist", () => {
    const queries = blocks(text).filter(([language]) => language === "promql");
    for (const [, query] of queries) {
      for (const series of seriesIn(query ?? "")) expect(SERIES, series).toContain(series);
      for (const label of labelsIn(query ?? "")) expect(LABELS, label).toContain(label);
    }
    const known = [...SERIES, ...OWN_HISTOGRAMS, OVERHEAD];
    const named = codeWords(text).filter((word) => /^(ai_proxy_|route_upstream_|envoy_wasm_)\w+$/.test(word));
    for (const word of named) expect(known, word).toContain(word);
  });

  it("applies files that exist", () => {
    const commands = blocks(text).filter(([language]) => language === "sh");
    for (const [, command] of commands) {
      for (const [, file] of (command ?? "").matchAll(/-f (\S+\.yaml)/g)) expect(existsSync(join(ROOT, file ?? "")), file).toBe(true);
    }
  });
});

describe("the two languages", () => {
  it.each(PAIRS)("%s and %s have the same code, tables and settings", (english, chinese) => {
    expect(blocks(read(chinese))).toEqual(blocks(read(english)));
    const rows = (text: string) => text.split("\n").filter((line) => line.startsWith("|")).length;
    expect(rows(read(chinese))).toBe(rows(read(english)));
    const words = (text: string) =>
      new Set(codeWords(text.replace(/^ *```[\s\S]*?^ *```$/gm, "")).filter((word) => /^[\w.:*]+$/.test(word) && !/^[\d.]+$/.test(word)));
    expect(words(read(chinese))).toEqual(words(read(english)));
  });
});

describe("docs/operations.md", () => {
  const text = read("docs/operations.md");

  it("lists every error code of the plugin, and log fields that it has", () => {
    const codes = [
      ...read("assembly/pipeline/failure.ts").matchAll(
        /case Failure\.\w+:\n\s+return "([a-z_]+)";|default:\n\s+return "(internal_error)"/g,
      ),
    ].map((match) => match[1] ?? match[2]);
    expect(codes.length).toBeGreaterThan(10);
    for (const code of codes) expect(codeWords(text), code).toContain(code);
    for (const field of [
      "model",
      "request_model",
      "usage_source",
      "outcome",
      "error",
      "llm_service_duration",
      "llm_first_token_duration",
    ]) {
      expect(read("assembly/telemetry/record.ts")).toContain(`"${field}"`);
      expect(codeWords(text)).toContain(field);
    }
  });

  it("quotes messages, limits and defaults that the code has", () => {
    expect(read("assembly/pipeline/failure.ts")).toContain("larger than the gateway buffers");
    expect(read("assembly/pipeline/body-size.ts")).toContain("provider.maxRequestBytes");
    expect(read("docs/configuration.md")).toMatch(/`metrics\.maxSeries`\n\n.*`2000`/);
    expect(read("docs/configuration.md")).toMatch(/`maxResponseEventBytes`\n\n.*`1048576`/);
    expect(read("deploy/envoy/envoy.yaml")).toContain("max_requests: 8192");
  });

  it("describes a missing header-stop switch as it shows: the model unknown, no upstream, 500 body_withheld after the silence", async () => {
    const upstream = await Upstream.start();
    const accessLog = join(directory, "access.log");
    const plugins = [{ config: { provider: { type: "openai", apiTokens: ["sk-x"] } } }];
    const options = { plugins, wasm: PLUGIN_PATH, upstreamPort: upstream.port, accessLog, idleTimeout: "1s" };
    const config = JSON.stringify(bootstrap(options)).replace('"allow_on_headers_stop_iteration":true,', "");
    const configPath = join(directory, "hang.json");
    writeFileSync(configPath, config);
    const envoy = new EnvoyProcess({ configPath, directory });
    try {
      await envoy.ready();
      const url = `http://127.0.0.1:${(await envoy.ports()).l0}/v1/chat/completions`;
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, {
        method: "POST",
        headers,
        body: '{"model":"m","messages":[]}',
        signal: AbortSignal.timeout(20_000),
      });
      expect([response.status, ((await response.json()) as any).error.code]).toEqual([500, "body_withheld"]);
      await expect.poll(() => readAccessLog(accessLog).length).toBe(1);
      expect(parseAiLog(readAccessLog(accessLog)[0]?.ai_log)).not.toHaveProperty("request_model");
      expect(upstream.seen).toEqual([]);
    } finally {
      await envoy.stop();
      await upstream.close();
    }
  }, 60_000);
});
