// `check` on files that are not what they should be, or hold nothing that does anything: each is said, with what to do.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { inFolder, json, ROOT, run } from "./run";

interface Report {
  ok: boolean;
  files: {
    plugins: { name: string; starts: boolean }[];
    findings: { severity: string; message: string; line: number; plugin: string }[];
  }[];
}

function checked(text: string, name = "config.yaml"): Report["files"][0] & { ok: boolean; lines: string[] } {
  return inFolder((_folder, write) => {
    const report = json<Report>(run(["check", "--format", "json", write(name, text)]));
    const [file] = report.files;
    return { ...file, ok: report.ok, lines: file.findings.map((one) => `${one.line} ${one.severity} ${one.message}`) };
  });
}

const PLUGIN = (name: string, config: object) => ({
  apiVersion: "extensions.higress.io/v1alpha1",
  kind: "WasmPlugin",
  metadata: { name },
  spec: { defaultConfig: { logFormat: "escaped", ...config } },
});
const GOOD = { provider: { type: "openai" } };
const BAD = { provider: { type: "openai", timeout: "5s" } };
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "some" }, data: { a: "b" } };

describe("a file that holds no configuration", () => {
  it.each([
    ["nothing", "", "config.yaml"],
    ["nothing, as JSON", "", "config.json"],
    ["white space", " \n\t\n", "config.yaml"],
  ])("%s: is empty", (_what, text, name) => {
    const { ok, plugins, lines } = checked(text, name);
    expect({ ok, plugins, lines }).toEqual({
      ok: false,
      plugins: [],
      lines: [expect.stringContaining("1 error is empty; wanted is a WasmPlugin")],
    });
  });

  it.each(["# soon\n", "---\n", "---\n---\n", "# a\n--- # b\n", "~\n"])("%j: comments and separators are nothing either", (text) => {
    expect(checked(text)).toMatchObject({ ok: false, lines: [expect.stringContaining("error holds no plugin configuration; wanted is")] });
  });

  it.each(["package.json", "deploy/docker-compose.yaml", "tsconfig.json", "deploy/prometheus/rules.yaml", "schema/config.schema.json"])(
    "%s is something else",
    (path) => {
      const text = path === "tsconfig.json" ? '{"compilerOptions": {"strict": true}}' : readFileSync(join(ROOT, path), "utf8");
      const { ok, plugins, lines } = checked(text, path.split("/").at(-1));
      expect({ ok, plugins, count: lines.length }).toEqual({ ok: false, plugins: [], count: 1 });
      expect(lines[0]).toMatch(/ error is no configuration of the plugin: it has none of the keys provider, providers, /);
    },
  );

  it("a provider alone wants the key provider", () => {
    expect(checked("type: openai\napiTokens: [sk-1]\n").lines).toEqual(['1 error is a provider alone; put it below the key "provider"']);
    expect(checked('{"id": "a", "type": "claude", "apiTokens": ["k"]}', "c.json")).toMatchObject({
      ok: false,
      lines: ['1 error is a provider alone; put it below the key "provider"'],
    });
  });

  it("is not one with a slip in its only key", () => {
    expect(checked("providr: { type: openai }\n").lines).toEqual([
      '1 warning unknown key "providr" is ignored; did you mean "provider"?',
      "1 warning no provider is chosen, so the plugin does nothing; give provider, or providers and activeProviderId",
    ]);
  });

  it.each(["[1, 2]", "just words\n", "42", "null", "- provider: { type: openai }\n"])("%j is no object", (text) => {
    const { ok, lines } = checked(text);
    expect(ok).toBe(false);
    expect(lines).toEqual([expect.stringMatching(/ error must be an object, not /)]);
  });

  it("says so in one line, and with an exit code", () => {
    const result = run(["check", "-"], '{"name": "x", "version": "1"}');
    expect(result).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/\(standard input\): 1 error; no configuration could be read\n$/),
    });
    expect(run(["check", "-"], "")).toMatchObject({ code: 1, stdout: expect.stringContaining("(standard input):1:1: error: is empty; ") });
  });
});

describe("a configuration that does nothing", () => {
  const NOT_CHOSEN = /^\d+ warning none of them is chosen, so the plugin does nothing; name one by its id as activeProviderId/;
  const catalogue = { providers: [{ id: "a", type: "openai" }] };

  it.each([
    ["of the plugin", stringify(catalogue)],
    ["of a WasmPlugin", stringify(PLUGIN("x", catalogue))],
    [
      "with rules that choose nothing",
      stringify({ ...catalogue, _rules_: [{ _match_route_: ["r"] }, { _match_domain_: ["d"], limits: [] }] }),
    ],
  ])("a catalogue %s without a choice", (_what, text) => {
    const { ok, plugins, lines } = checked(text);
    expect({ ok, starts: plugins.map((one) => one.starts) }).toEqual({ ok: true, starts: [true] });
    expect(lines).toEqual([expect.stringMatching(NOT_CHOSEN)]);
  });

  it.each([
    { ...catalogue, activeProviderId: "a" },
    { ...catalogue, _rules_: [{ _match_route_: ["r"], activeProviderId: "a" }] },
    { ...catalogue, _rules_: [{ _match_route_: ["r"], provider: { type: "openai" } }] },
    { ...catalogue, consumers: [{ name: "one", credential: "key-1" }] },
    {
      ...catalogue,
      consumers: [{ name: "one", credential: "key-1" }],
      global_auth: false,
      _rules_: [{ _match_route_: ["r"], allow: ["one"] }],
    },
  ])("is none that chooses, or asks for keys: %j", (config) => {
    expect(checked(stringify(config))).toMatchObject({ ok: true, lines: [] });
  });

  it.each(["{}", "logFormat: escaped\n", "providers: []\n"])("%j has nothing to choose from", (text) => {
    expect(checked(text)).toMatchObject({
      ok: true,
      lines: [expect.stringContaining("warning no provider is chosen, so the plugin does nothing; give")],
    });
  });

  it("is a wasm filter without a configuration", () => {
    const filter = {
      "@type": "x.http.wasm.v3.Wasm",
      config: { name: "x", allow_on_headers_stop_iteration: true, failure_policy: "FAIL_RELOAD" },
    };
    expect(checked(stringify({ http_filters: [filter] })).lines).toEqual([
      expect.stringContaining("warning no provider is chosen, so the plugin does nothing"),
    ]);
  });
});

describe("a catalogue entry that is wrong", () => {
  it("is an error, although the plugin starts; so is the rule that names it", () => {
    const providers = [
      { id: "a", type: "openai" },
      { id: "b", type: "acme" },
    ];
    const text = stringify({ providers, activeProviderId: "a", _rules_: [{ _match_route_: ["r"], activeProviderId: "b" }] });
    expect(checked(text)).toMatchObject({
      ok: false,
      plugins: [{ starts: true }],
      lines: [expect.stringContaining('error unknown provider type "acme"'), '10 error the provider "b" is wrong, see /providers/1'],
    });
    expect(run(["check", "-"], text).stdout).toMatch(
      /: 2 errors; the plugin starts, but the parts with errors do not work: requests that need them /,
    );
  });
});

it("no resource has to say which format Higress's access log wants", () => {
  const plugin = (group: string, spec: object) =>
    stringify({ apiVersion: `${group}/v1alpha1`, kind: "WasmPlugin", metadata: { name: "x" }, spec });
  for (const spec of [{ defaultConfig: GOOD }, { matchRules: [{ ingress: ["a"], config: GOOD }] }, { pluginConfig: GOOD }])
    expect(checked(plugin("extensions.higress.io", spec)).lines).toEqual([]);
});

describe("resources in lists and documents", () => {
  const list = (items: object[], kind = "List", apiVersion = "v1") => ({ apiVersion, kind, items });
  const names = (text: string, name?: string) => checked(text, name).plugins.map((one) => one.name);

  it.each([
    ["a List in YAML", stringify(list([PLUGIN("a", GOOD), CONFIG_MAP, PLUGIN("b", GOOD)])), undefined],
    ["a List in JSON", JSON.stringify(list([PLUGIN("a", GOOD), PLUGIN("b", GOOD)]), null, 2), "list.json"],
    ["Lists in a List", stringify(list([list([PLUGIN("a", GOOD)]), list([]), list([PLUGIN("b", GOOD)])])), undefined],
    [
      "a List among documents",
      `${stringify(CONFIG_MAP)}---\n${stringify(list([PLUGIN("a", GOOD)]))}---\n${stringify(PLUGIN("b", GOOD))}`,
      undefined,
    ],
  ])("%s: each is checked", (_what, text, name) => {
    expect(names(text, name)).toEqual(["WasmPlugin a", "WasmPlugin b"]);
  });

  it("an EnvoyExtensionPolicy of Envoy Gateway, as kubectl prints it: each wasm extension is one", () => {
    const policy = (wasm: object[]) => ({
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "EnvoyExtensionPolicy",
      metadata: { name: "ai", managedFields: [{ manager: "kubectl" }] },
      spec: { targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "r" }], wasm },
    });
    const code = { type: "Image", image: { url: "registry.example.com/ai-proxy-wasm:1" } };
    const good = checked(stringify(list([policy([{ name: "ai-proxy", code, config: GOOD }])])));
    expect(good.plugins).toEqual([{ name: "EnvoyExtensionPolicy ai", starts: true }]);
    expect(good.lines.filter((line) => line.includes(" error "))).toEqual([]);
    const bad = checked(
      stringify(
        policy([
          { name: "a", code, config: BAD },
          { name: "b", code, confg: GOOD },
        ]),
      ),
    );
    expect(bad).toMatchObject({ ok: false, plugins: [{ name: "EnvoyExtensionPolicy ai a", starts: false }] });
    expect(bad.lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/ error must be a whole number, not a string$/),
        expect.stringMatching(/ warning unknown key "confg" is ignored; did you mean "config"\?$/),
      ]),
    );
    expect(checked(stringify(policy([])), "p.yaml").lines).toEqual([
      "1 note EnvoyExtensionPolicy ai holds no configuration of the plugin and is passed over",
    ]);
  });

  it("EnvoyFilters in a List, as kubectl prints them", () => {
    const filter = parse(
      readFileSync(join(ROOT, "deploy/istio.yaml"), "utf8")
        .split(/^---$/m)
        .find((text) => /^kind: EnvoyFilter$/m.test(text))!,
    );
    expect(names(stringify(list([filter, CONFIG_MAP, filter])))).toHaveLength(2);
  });

  it("a WasmPluginList, whose items need not say what they are", () => {
    const { apiVersion, kind: _kind, ...bare } = PLUGIN("a", BAD);
    expect(checked(stringify(list([bare, PLUGIN("b", GOOD)], "WasmPluginList", apiVersion)))).toMatchObject({
      ok: false,
      plugins: [{ name: "WasmPlugin a" }, { name: "WasmPlugin b" }],
      lines: ["11 error must be a whole number, not a string"],
    });
  });

  it("an EnvoyFilter in a List", () => {
    const filter = { "@type": "x.http.wasm.v3.Wasm", config: { name: "x", allow_on_headers_stop_iteration: true } };
    const resource = { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", spec: { patch: { value: filter } } };
    expect(names(stringify(list([resource])))).toEqual(["wasm filter x"]);
  });

  it("other kinds are passed over with a note, which is no warning", () => {
    const strict = run(["check", "--strict", "-"], `${stringify(CONFIG_MAP)}---\n${stringify(PLUGIN("a", GOOD))}`);
    expect(strict).toMatchObject({
      code: 0,
      stdout:
        "(standard input):1:1: note: ConfigMap some holds no configuration of the plugin and is passed over\n" +
        "(standard input): good; the plugin starts\n",
    });
    expect(run(["check", "--strict", "-"], stringify(list([CONFIG_MAP, CONFIG_MAP])))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: good; nothing in it is for the plugin\n$/),
    });
  });

  it("an empty List holds nothing", () => {
    expect(checked(stringify(list([])))).toMatchObject({ ok: false, lines: [expect.stringContaining("holds no plugin configuration")] });
  });

  it("the plugin's own configurations, one to a document", () => {
    const text = `${stringify(GOOD)}---\n${stringify(CONFIG_MAP)}---\n${stringify(BAD)}---\nname: x\n`;
    expect(checked(text)).toMatchObject({
      plugins: [{ name: "document 1" }, { name: "document 3" }],
      lines: [
        expect.stringContaining("note ConfigMap some"),
        expect.stringContaining("error must be a whole number"),
        expect.stringContaining("error is no configuration of the plugin"),
      ],
    });
    expect(run(["check", "--plugin", "document 1", "-"], stringify(GOOD) + "---\n" + stringify(GOOD)).code).toBe(0);
  });
});
