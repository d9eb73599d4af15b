// `${NAME}` in a configuration: a variable that is not set here is a note, one that is set is used, and none is printed.
import { describe, expect, it } from "vitest";
import { fixture, inFolder, json, placeIn, run } from "./run";

const CONFIG = `providers:
  - { id: aws, type: bedrock, awsAccessKey: "\${T_ACCESS}", awsSecretKey: "\${T_SECRET}", awsRegion: "\${T_REGION}" }
  - { id: tencent, type: hunyuan, hunyuanAuthId: "\${T_ID}", hunyuanAuthKey: "\${T_KEY}" }
  - { id: google, type: vertex, vertexRegion: us-east1, vertexProjectId: p, vertexAuthServiceName: x.dns, vertexAuthKey: "\${T_ACCOUNT}" }
  - { id: azure, type: azure, apiTokens: ["\${T_TOKEN}", "\${T_TOKEN_2}"], azureServiceUrl: "\${T_URL}" }
  - { id: own, type: openai, apiTokens: ["\${T_TOKEN}"], openaiCustomUrl: "\${T_URL}" }
activeProviderId: azure
consumers:
  - { name: one, credential: "\${T_CONSUMER_1}" }
  - { name: two, credential: "\${T_CONSUMER_2}" }
`;
const NAMES = [...new Set([...CONFIG.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))];

interface Report {
  ok: boolean;
  files: {
    plugins: { starts: boolean }[];
    findings: { line: number; column: number; severity: string; message: string; pointer: string }[];
  }[];
}

function checked(args: string[], environment: Record<string, string> = {}, text = CONFIG): Report & { code: number; places: string[] } {
  return inFolder((_folder, write) => {
    const result = run(["check", "--format", "json", ...args, write("config.yaml", text)], "", environment);
    const report = json<Report>(result);
    const places = report.files[0].findings.map((one) => `${one.line}:${one.column} ${one.severity} ${one.message.split(" ")[0]}`);
    return { ...report, code: result.code, places };
  });
}

describe("a variable that is not set here", () => {
  it("is noted at each of its places, and refuses nothing, not even with --strict", () => {
    const report = checked(["--strict"]);
    expect(report).toMatchObject({ code: 0, ok: true, files: [{ plugins: [{ starts: true }] }] });
    expect(new Set(report.files[0].findings.map((one) => one.severity))).toEqual(new Set(["note"]));
    expect(report.files[0].findings).toHaveLength([...CONFIG.matchAll(/\$\{/g)].length);
    for (const name of NAMES)
      expect(report.files[0].findings.some((one) => one.message.startsWith(`\${${name}} has no value here`))).toBe(true);
    expect(report.places).toContain(`${placeIn(CONFIG, "awsRegion")} note \${T_REGION}`);
    expect(report.places).toContain(`${placeIn(CONFIG, '"${T_TOKEN_2}"')} note \${T_TOKEN_2}`);
  });

  it("hides no other error, and is a notice in pull requests", () => {
    const text = `${CONFIG}requestTimeout: 1\n_rules_: [{ _match_route_: [a], provider: { type: openai, timeout: "\${T_X}" } }]\n`;
    const report = checked([], {}, text);
    expect(report.code).toBe(1);
    expect(report.files[0].findings.filter((one) => one.severity === "error")).toMatchObject([
      { pointer: "/_rules_/0/provider/timeout", message: "must be a whole number, not a string" },
    ]);
    const github = inFolder((_folder, write) => run(["check", "--format", "github", write("c.yaml", CONFIG)]));
    expect(github.stdout).toMatch(
      /^::notice file=.*,line=2,col=31,title=ai-proxy \/providers\/0\/awsAccessKey::\$\{T_ACCESS\} has no value/m,
    );
  });

  it("whose value matters for more than its format is asked for", () => {
    const report = checked([], {}, CONFIG.replace("activeProviderId: azure", 'activeProviderId: "${T_ACTIVE}"'));
    expect(report.files[0].findings).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining("give its value with --env") }),
    );
    expect(checked(["--env", "T_ACTIVE=own"], {}, CONFIG.replace("Id: azure", 'Id: "${T_ACTIVE}"')).code).toBe(0);
  });
});

describe("a variable that is set", () => {
  it("is checked: --env before --env-file before the environment of the process", () => {
    const bad = { T_REGION: "a/b", T_URL: "nothing", T_ACCOUNT: "{}" };
    // Three values, and the catalogue entry with one of them is the active one.
    expect(checked([], bad).places.filter((one) => one.includes("error"))).toHaveLength(4);
    inFolder((_folder, write) => {
      const file = write(".env", `# values\nT_REGION=eu-west-1\nexport T_URL="https://r.openai.azure.com?api-version=1"\n`);
      const some = checked(["--env-file", file], bad);
      expect(some.places.filter((one) => one.includes("error"))).toEqual([`${placeIn(CONFIG, "vertexAuthKey")} error must`]);
      expect(some.places.some((one) => /T_REGION|T_URL/.test(one))).toBe(false);
      expect(checked(["--env-file", file, "--env", "T_REGION=a b"], bad).code).toBe(1);
    });
  });

  it.each([
    ["--env", "T_X"],
    ["--env", "1=a"],
    ["--env", "=a"],
    ["--env-file", "no-such-file"],
  ])("%s %s is a mistake, said without the value", (...args) => {
    const result = inFolder((_folder, write) => run(["check", ...args, write("c.yaml", CONFIG)]));
    // Node 20 itself looks for a file of this option's name, and ends with 9 when there is none.
    expect([2, 9]).toContain(result.code);
    expect(result.stderr).toMatch(/--env takes NAME=value|cannot read no-such-file|no-such-file: not found/);
  });
});

describe("explain and replay", { timeout: 60_000 }, () => {
  const VALUES = { T_TOKEN: "sk-very-secret", T_TOKEN_2: "sk-very-secret", T_URL: "https://r.openai.azure.com?api-version=2025-01-01" };

  /** What both commands print about a request to one provider. */
  function printed(active: string, args: string[], environment: Record<string, string> = {}): string {
    return inFolder((_folder, write) => {
      const files = [
        write("config.yaml", CONFIG.slice(0, CONFIG.indexOf("consumers:")).replace("Id: azure", `Id: ${active}`)),
        fixture("chat.json"),
      ];
      const results = [
        run(["explain", ...files, ...args], "", environment),
        run(["replay", "--format", "json", ...files, fixture("openai.sse"), ...args], "", environment),
      ];
      expect(results.map((one) => one.code)).toEqual([0, 0]);
      return results.map((one) => one.stdout + one.stderr).join("");
    });
  }

  it("use the values and show their names", () => {
    const args = Object.entries(VALUES).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    for (const text of [printed("azure", [], VALUES), printed("own", args)]) {
      expect(text).toContain("r.openai.azure.com");
      expect(text).toMatch(/api-key: \$\{T_TOKEN(_2)?\}|authorization: Bearer \$\{T_TOKEN\}/);
      expect(text).not.toContain("sk-very-secret");
      expect(text).not.toContain("unset-1");
    }
  });

  it.each(["aws", "tencent", "google", "azure"])("work without values: %s gets stand-ins, with notes", (active) => {
    const text = printed(active, []);
    expect(text).toContain("note: ${T_ACCESS} has no value here");
    if (active === "aws") expect(text).toContain("host: bedrock-runtime.${T_REGION}.amazonaws.com\n");
    if (active === "google") expect(text).toContain("for the access token\n");
    if (active === "azure") expect(text).toContain("api-key: ${T_TOKEN");
  });
});
