// `check --against higress` as people call it: on a directory, with other plugins of Higress's in it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { inFolder, run } from "./run";

const plugin = (image: string, config: object, rules: object[] = []) =>
  stringify({
    apiVersion: "extensions.higress.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: { name: `${image}.internal` },
    spec: {
      url: `oci://registry.example.com/plugins/${image}:2.0.0`,
      defaultConfig: { logFormat: "escaped", ...config },
      matchRules: rules,
    },
  });

it("names what differs in each file of a directory, and what becomes of other plugins", () => {
  inFolder((folder) => {
    mkdirSync(join(folder, "more"));
    const mapped = { id: "a", type: "qwen", apiTokens: ["k"], modelMapping: { "gpt-*": "one", "gpt-4*": "two" } };
    const rules = [{ service: ["llm-a.internal.dns"], config: { activeProviderId: "a" } }];
    writeFileSync(join(folder, "a.yaml"), plugin("ai-proxy", { providers: [mapped] }, rules));
    writeFileSync(join(folder, "more/b.yml"), plugin("ai-statistics", { attributes: [] }));
    writeFileSync(join(folder, "notes.txt"), "{ not for this command");
    const { code, stdout } = run(["check", "--against", "higress", folder]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("a.yaml:14:9: note: differs from Higress: Higress tries patterns in random order");
    expect(stdout).toContain("more/b.yml:1:1: note: ai-statistics: switch it off where this plugin runs");
    expect(stdout).not.toContain("notes.txt");
    expect(run(["check", join(folder, "a.yaml")]).stdout).not.toContain("differs from Higress");
  });
});

it("knows no other plugin to compare with", () => {
  expect(run(["check", "--against", "kong", "x.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--against is higress") });
});
