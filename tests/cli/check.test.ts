// `check` on files of every kind: what it finds, where, and what it answers the shell.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLUGIN_PATH } from "../../emulator/module";
import { fixture, fixtureText, inFolder, json, placeIn, ROOT, run } from "./run";

interface Report {
  ok: boolean;
  files: {
    file: string;
    plugins: { name: string; starts: boolean }[];
    findings: { line: number; column: number; severity: string; message: string; pointer: string; plugin: string; from: string }[];
  }[];
}

/** `line:column severity message` of all findings in one text. */
function findingsIn(text: string, name = "config.yaml"): string[] {
  return inFolder((_folder, write) => {
    const report = json<Report>(run(["check", "--format", "json", write(name, text)]));
    return report.files[0].findings.map((one) => `${one.line}:${one.column} ${one.severity} ${one.message}`);
  });
}

const BROKEN_JSON = `{
  "provider": {
    "type": "openai",
    "apiTokens": ["sk-secret"],
    "modelMapping": { "~(": "x" }
    "timeout": 5
  }
}
`;
const UNPARSABLE = 'provider:\n  type: openai\n   apiTokens: ["sk-secret"]\n';

it("misses no key where Envoy's own filters add the credentials", () => {
  const azure = '{ type: azure, azureServiceUrl: "https://r.openai.azure.com?api-version=2025-04-01"';
  for (const one of ["{ type: bedrock, awsRegion: us-east-1", "{ type: vertex, vertexRegion: us-central1, vertexProjectId: p", azure]) {
    expect(findingsIn(`provider: ${one}, envoyCredentials: true }\n`)).toEqual([]);
    expect(findingsIn(`provider: ${one} }\n`)).toEqual([expect.stringContaining("error credentials are missing")]);
  }
});

describe("a WasmPlugin of Higress", () => {
  const name = "broken-wasmplugin.yaml";
  const text = fixtureText(name);
  const result = run(["check", fixture(name)]);

  it.each([
    ["defaultConfg", 'warning: unknown key "defaultConfg" is ignored; did you mean "defaultConfig"?'],
    ["type: opnai", 'error: unknown provider type "opnai"; the nearest is "openai"'],
    ["apiToken:", 'warning: unknown key "apiToken" is ignored; did you mean "apiTokens"?'],
    ["timeout:", "error: must be a whole number, not a string (/providers/1/timeout)"],
    ["activeProviderId: clade", 'error: no provider has the id "clade"; known ids: "main", "claude"'],
  ])("%s is reported at its place", (part, message) => {
    expect(result.stdout).toContain(`${fixture(name)}:${placeIn(text, part)}: ${message}`);
  });

  it("is refused, and nothing else is reported: not the rule that is switched off", () => {
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/: 5 errors, 2 warnings; the plugin refuses to start\n$/);
    expect(result.stdout.split("\n")).toHaveLength(9);
  });

  it("with pluginConfig has that alone for its configuration", () => {
    const head = "apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nspec:\n";
    expect(findingsIn(`${head}  pluginConfig: { logFormat: json, provider: { type: x } }\n  defaultConfig: { y: 1 }\n`)).toEqual([
      expect.stringContaining('4:48 error unknown provider type "x"'),
      "5:3 warning has no effect, because pluginConfig is given",
    ]);
  });

  it("is refused when a rule has no condition, as the controller does", () => {
    const head = "apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nspec:\n  matchRules:\n";
    expect(findingsIn(`${head}    - ingress: []\n      config: {}\n`)).toEqual([
      "5:7 error the rule has no condition; give ingress, domain or service",
    ]);
  });

  it("with all of it switched off is doubtful", () => {
    const head = "apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nspec:\n";
    expect(findingsIn(`${head}  defaultConfigDisable: true\n  defaultConfig: { provider: { type: x } }\n`)).toEqual([
      "4:3 warning nothing is switched on, so the plugin does nothing",
    ]);
  });

  it("keeps the plugin running when one rule alone is wrong, which is an error all the same", () => {
    const head = "apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nspec:\n  matchRules:\n";
    const result = run(["check", "-"], `${head}    - ingress: [a]\n      config: { provider: { type: clade, apiTokens: [x] } }\n`);
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining("(standard input):6:29: error: unknown provider type") });
    expect(result.stdout).toContain("requests that need them get an error");
  });
});

describe("Envoy's configuration", () => {
  const name = "broken-envoy.yaml";
  const text = fixtureText(name);
  const result = run(["check", fixture(name)]);

  it.each([
    ["config:\n                        name: ai-proxy\n", "warning: allow_on_headers_stop_iteration: true is missing here"],
    ['"azureServiceUrl"', "error: must be a URL with the query api-version"],
    ['"gpt-4"', "error: must be a string, the provider's model name, not a number (/provider/modelMapping/gpt-4)"],
  ])("has its findings inside of the strings that hold the plugin's JSON: %j", (part, message) => {
    expect(result.stdout).toContain(`${name}:${placeIn(text, part)}: ${message}`);
  });

  it("may hold that JSON with escapes, folded or in one line", () => {
    const head = `"@type": x.http.wasm.v3.Wasm
config:
  name: x
  allow_on_headers_stop_iteration: true
  failure_policy: FAIL_RELOAD
  configuration:
    "@type": type.googleapis.com/google.protobuf.StringValue
`;
    const places = (value: string) => findingsIn(`${head}    value: ${value}\n`).map((one) => one.split(" ")[0]);
    expect(places('"{\\"provider\\": {\\"type\\": 1}}"')).toEqual(["8:29"]);
    expect(places('"{\\u0022provider\\x22:\\n {\\"type\\": 1}}"')).toEqual(["8:37"]);
    expect(places('>-\n      {"provider":\n      {"type": 1}}')).toEqual(["10:8"]);
    expect(places('{"provider": {"type": 1}}')).toEqual(["6:3"]);
  });

  it("has the place of a JSON fault in the line of the file", () => {
    const line = text.split("\n").findIndex((one, at, all) => one.trim() === "}" && all[at - 1].includes('"type": "openai",')) + 1;
    expect(result.stdout).toContain(`${name}:${line}:31: error: is not valid JSON: unexpected character\n`);
  });

  it("can be narrowed to one filter by its name", () => {
    const one = run(["check", "--plugin", "second", fixture(name)]);
    expect(one.code).toBe(1);
    expect(one.stdout).toMatch(/: 1 error(, \d warnings?)?; the plugin refuses to start\n$/);
    expect(run(["check", "--plugin", "fourth", fixture(name)])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("has no plugin fourth; it has: wasm filter ai-proxy, wasm filter second, wasm filter third"),
    });
  });

  it("is read as JSON, with camel case and a Struct, and inside an EnvoyFilter", () => {
    const filter = {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        name: "x",
        allowOnHeadersStopIteration: true,
        failurePolicy: "FAIL_RELOAD",
        configuration: { "@type": "type.googleapis.com/google.protobuf.Struct", value: { provider: { type: "openai", timeout: "1" } } },
      },
    };
    const patch = {
      kind: "EnvoyFilter",
      apiVersion: "networking.istio.io/v1alpha3",
      spec: { configPatches: [{ patch: { value: filter } }, { patch: { value: { perConnectionBufferLimitBytes: 67108864 } } }] },
    };
    expect(findingsIn(JSON.stringify(patch, null, 2), "filter.json")).toEqual(["19:21 error must be a whole number, not a string"]);
  });

  it("without a wasm filter is nothing to check", () => {
    expect(findingsIn("static_resources: { listeners: [] }\n")).toEqual([
      "1:1 error holds no plugin configuration; wanted is a WasmPlugin, an EnvoyExtensionPolicy, an Envoy configuration with a wasm filter, or the plugin's own configuration",
    ]);
  });
});

describe("the plugin's own configuration", () => {
  it("as JSON is judged by the plugin, with the place of a fault", () => {
    expect(findingsIn(BROKEN_JSON, "broken.json")).toEqual([
      `${placeIn(BROKEN_JSON, '"timeout"')} error is not valid JSON: unexpected character`,
    ]);
    expect(run(["check", "-"], BROKEN_JSON)).toMatchObject({ code: 1, stdout: expect.stringMatching(/^\(standard input\):6:5: error: /) });
  });

  it("has columns in characters after characters of several bytes", () => {
    expect(findingsIn('{"é😀": 1, "provider": {"type": 1}}', "c.json")).toEqual([
      '1:2 warning unknown key "é😀" is ignored',
      "1:25 error must be a string, not a number",
    ]);
    expect(findingsIn('{"é😀": 1, x}', "c.json")[0]).toMatch(/^1:12 error is not valid JSON/);
  });

  it("as YAML that cannot be parsed has the place of the fault", () => {
    const result = run(["check", "-"], UNPARSABLE);
    expect(result).toMatchObject({ code: 1, stdout: expect.stringMatching(/^\(standard input\):2:9: error: is not valid YAML/) });
  });

  it.each([
    ["a: [1, 2\nb: 3\n", "flow sequence in block collection must be sufficiently indented and end with a ]"],
    ["a:\n  b: 1\n c: 2\n", "all mapping items must start at the same column"],
    ['a: "x\n', 'missing closing quote "'],
    ["a: {b c, 'd' e}\n", "missing , or : between flow map items"],
    ["a: b: c\n", "a second key on the same line; begin a new line, or quote a value that holds a colon"],
  ])("as YAML that cannot be parsed: %j", (text, message) => {
    expect(findingsIn(text)).toEqual(expect.arrayContaining([expect.stringMatching(/^\d+:\d+ error is not valid YAML: /)]));
    expect(findingsIn(text).join("\n")).toContain(`is not valid YAML: ${message}`);
  });

  it("takes yes and off for truth values, as Kubernetes and Envoy do", () => {
    expect(findingsIn("trustConsumerHeader: no\nprovider: { type: openai, modelMapping: { a: on, b: 'on' } }\n")).toEqual([
      "2:43 error must be a string, the provider's model name, not true or false",
    ]);
  });

  it("may use anchors and merged keys; a wrong alias has its place", () => {
    const text = "providers:\n  - &base { id: a, type: openai, timeout: x }\n  - { <<: *base, id: b }\nactiveProviderId: *nothing\n";
    expect(findingsIn(text)).toEqual(["4:19 error this alias names no anchor before it"]);
    expect(findingsIn(text.replace("*nothing", "b"))).toEqual([
      "2:34 error must be a whole number, not a string",
      "2:34 error must be a whole number, not a string",
      '4:1 error the provider "b" is wrong, see /providers/1',
    ]);
  });

  it("has a key that is given twice: an error in YAML, a warning in JSON, whose last one counts", () => {
    expect(findingsIn("provider: { type: openai }\nprovider: { type: openai }\n")).toEqual([
      "2:1 error this key is given twice in one object; the last one counts",
    ]);
    expect(findingsIn('{"provider": 5,\n "provider": { "type": "openai" }}', "c.json")).toEqual([
      "2:2 warning this key is given twice in one object; the last one counts",
    ]);
  });

  it("may be nested beyond reason or no text at all", () => {
    expect(findingsIn("[".repeat(20_000))).toEqual([expect.stringMatching(/ error is not valid JSON: /)]);
    expect(findingsIn(`a: ${"[".repeat(20_000)}`)[0]).toMatch(/ error /);
    expect(findingsIn(`a: ${"[".repeat(200)}\n`).length).toBeLessThan(10);
    expect(findingsIn(`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`)[0]).toMatch(/ error .*nested too deeply/);
    inFolder((_folder, write) => {
      const binary = run(["check", write("c.yaml", Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0x0a))]);
      expect(binary).toMatchObject({ code: 1, stdout: expect.stringContaining("c.yaml:1:4: error: is not UTF-8") });
    });
  });

  it("has keys with dots, colons, slashes and more than the plugin shows", () => {
    const long = `${"k".repeat(62)}éé`;
    const mapping = { "a: b": 1, "a/b~c": 2, [`${long}x`]: 3, "a\nb": 4, "": 5 };
    const text = `provider:\n  type: openai\n  modelMapping:\n${Object.entries(mapping)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${value}\n`)
      .join("")}`;
    expect(findingsIn(text).map((one) => one.split(" ")[0])).toEqual(["4:5", "5:5", "6:5", "7:5", "8:5"]);
  });
});

describe("several documents and files", () => {
  it("are all checked; resources of other kinds are passed over", () => {
    const plugin =
      "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: { name: one }\nspec:\n  pluginConfig: { provider: { type: x } }\n";
    const text = `apiVersion: v1\nkind: ConfigMap\ndata: {}\n---\n${plugin}---\n${plugin.replace("one", "two")}`;
    expect(
      findingsIn(text)
        .filter((one) => one.includes("error"))
        .map((one) => one.split(" ")[0]),
    ).toEqual(["9:31", "15:31"]);
    expect(findingsIn(text)[0]).toBe("1:1 note ConfigMap holds no configuration of the plugin and is passed over");
  });

  it("are good when they are those that this repository ships", () => {
    const folders = ["deploy", "deploy/envoy", "deploy/istio", "deploy/higress", "deploy/gateway-api", "deploy/envoy-gateway"];
    const all = folders.flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`));
    const withPlugin = /http\.wasm\.v3\.Wasm|kind: (WasmPlugin|EnvoyExtensionPolicy)/;
    const files = [
      "wasmplugin.yaml",
      ...all.filter((path) => path.endsWith(".yaml") && withPlugin.test(readFileSync(join(ROOT, path), "utf8"))),
    ];
    expect(files.length).toBeGreaterThan(6);
    const result = run(["check", "--strict", ...files]);
    // Notes are no faults: a placeholder without a value, prices, resources of another kind in the same file.
    const lines = result.stdout.split("\n").filter((line) => line !== "" && !/^[^ ]+: note: /.test(line));
    expect([result.code, lines]).toEqual([0, files.map((file) => `${file}: good; the plugin starts`)]);
  });
});

describe("the shipped files", () => {
  it("are enough: the bundle and the plugin beside it, anywhere", () => {
    inFolder((folder, write) => {
      copyFileSync(join(ROOT, "build/cli.mjs"), join(folder, "cli.mjs"));
      write("c.yaml", "provider: { type: openai }\n");
      const check = () => spawnSync(process.execPath, ["cli.mjs", "check", "c.yaml"], { cwd: folder, encoding: "utf8" });
      expect(check()).toMatchObject({ status: 2, stderr: expect.stringContaining("cannot read the plugin (no such file)") });
      copyFileSync(PLUGIN_PATH, join(folder, "plugin.wasm"));
      expect(check()).toMatchObject({ status: 0, stdout: "c.yaml: good; the plugin starts\n" });
    });
  });
});

describe("for machines", () => {
  it("prints JSON", () => {
    const report = json<Report>(run(["check", "--format", "json", fixture("broken-wasmplugin.yaml"), fixture("gateway.yaml")]));
    expect(report).toMatchObject({
      ok: false,
      files: [
        { plugins: [{ name: "WasmPlugin ai-proxy", starts: false }], findings: expect.any(Array) },
        { file: fixture("gateway.yaml"), plugins: [{ starts: true }], findings: [] },
      ],
    });
    expect(report.files[0].findings[2]).toMatchObject({ pointer: "/providers/0/type", from: "plugin", plugin: "WasmPlugin ai-proxy" });
  });

  it("prints GitHub's annotations, escaped", () => {
    const lines = inFolder(
      (_folder, write) => run(["check", "--format", "github", write("a,b.yaml", 'provider:\n  "100%": 1\n  type: openai\n')]).stdout,
    );
    expect(lines).toMatch(
      /^::warning file=.*a%2Cb\.yaml,line=2,col=3,title=ai-proxy \/provider\/100%25::unknown key "100%25" is ignored\n$/,
    );
  });

  it.each([
    ["good", ["check", fixture("gateway.yaml")], 0],
    ["a warning", ["check", "-"], 0],
    ["a warning with --strict", ["check", "--strict", "-"], 1],
    ["an error", ["check", fixture("broken-envoy.yaml")], 1],
    ["no such file", ["check", "no-such.yaml"], 2],
    ["a folder", ["check", "tests"], 2],
    ["no file", ["check"], 2],
    ["an unknown option", ["check", "--formt", "json", "-"], 2],
    ["an unknown format", ["check", "--format", "xml", "-"], 2],
    ["a plugin that is none", ["check", "--wasm", "package.json", fixture("gateway.yaml")], 2],
    ["an unknown command", ["chekc"], 2],
    ["no command", [], 2],
    ["help", ["check", "--help"], 0],
  ])("answers %s with an exit code", (_what, args, code) => {
    const result = run(args, "provider: { type: openai }\nunknown: 1\n");
    expect(result).toMatchObject({ code });
    if (code === 2 && args.length > 0) expect(result.stderr).toMatch(/^ai-proxy-wasm: .+\n$/);
  });

  it("says what was probably meant", () => {
    expect(run(["chekc"]).stderr).toBe("ai-proxy-wasm: unknown command chekc; did you mean check?\n");
    expect(run(["check", "--formt", "x"]).stderr).toBe("ai-proxy-wasm: unknown option --formt; did you mean --format?\n");
    expect(run(["check", "no-such.yaml"]).stderr).toBe("ai-proxy-wasm: cannot read no-such.yaml: no such file\n");
  });
});

describe("secrets", () => {
  it.each([fixtureText("broken-wasmplugin.yaml"), fixtureText("broken-envoy.yaml"), BROKEN_JSON, UNPARSABLE])(
    "are not printed: %#",
    (text) => {
      expect(text).toContain("secret");
      for (const format of ["text", "json", "github"]) {
        const { stdout, stderr } = run(["check", "--format", format, "-"], text);
        expect(stdout + stderr).not.toContain("secret");
      }
    },
  );

  it.each([
    'provider:\n  apiTokens: ["sk-secret"] sk-secret2\n',
    "provider:\n  apiTokens: *sk-secret\n",
    'provider:\n  apiTokens: ["sk-secret\n',
    "provider:\n  apiTokens: !sk-secret [a: b: c]\n",
    "provider:\n\tapiTokens: sk-secret\n",
    "provider: { type: openai, apiTokens: sk-secret }\n",
    'provider: { type: openai, apiTokens: ["sk-secret\\n"] }\n',
    'provider: { type: vertex, vertexAuthKey: "sk-secret" }\n',
    '%YAML sk-secret\nprovider: "\\q sk-secret"\n',
  ])("are not printed where they are in the way: %j", (text) => {
    const { code, stdout, stderr } = run(["check", "-"], text);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain("secret");
  });
});
