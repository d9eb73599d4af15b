// `npm run release:lint`: .github/workflows by actionlint, and deploy/kustomize as kustomize builds it, checked by kubeconform against the
// closed schemas of tests/deploy. The three are built from source on first use (a minute), so this is no part of `npm test`.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./envoy-path.mjs";
import { buildGoTool } from "./go-tool.mjs";

const KUSTOMIZE = join(ROOT, "deploy/kustomize");
/** One for each variable that the bases name; the Secret must hold them. */
const KEYS = { OPENAI_API_KEY: "sk-of-the-trial", ANTHROPIC_API_KEY: "sk-ant-of-the-trial" };
const SECRET = {
  type: "object",
  additionalProperties: false,
  required: ["apiVersion", "kind", "metadata", "type", "data"],
  properties: {
    apiVersion: { const: "v1" },
    kind: { const: "Secret" },
    metadata: { type: "object", additionalProperties: false, properties: { name: { type: "string" }, namespace: { type: "string" } } },
    type: { const: "Opaque" },
    data: { type: "object", minProperties: 1, additionalProperties: { type: "string", minLength: 1 } },
  },
};

const tool = (name, source, pins) => buildGoTool({ name, package: source, pins: join(ROOT, pins), instead: `use a ${name} that you have` });

function run(program, args, input) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program.split("/").at(-1)} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** Schemas under the names that kubeconform looks for. */
function writeSchemas(folder) {
  mkdirSync(folder, { recursive: true });
  const { definitions } = JSON.parse(readFileSync(join(ROOT, "tests/deploy/resources.schema.json"), "utf8"));
  const wasmPlugin = JSON.parse(readFileSync(join(ROOT, "tests/deploy/wasmplugin.schema.json"), "utf8"));
  for (const [kind, schema] of Object.entries({ ...definitions, WasmPlugin: wasmPlugin, Secret: SECRET }))
    writeFileSync(join(folder, `${kind.toLowerCase()}.json`), JSON.stringify({ ...schema, definitions }));
}

function lintWorkflows() {
  const actionlint = tool("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", "tools/actionlint");
  const files = readdirSync(join(ROOT, ".github/workflows")).map((name) => `.github/workflows/${name}`);
  run(actionlint, ["-no-color", ...files]);
  return files.length;
}

function checkManifests(directory) {
  const kustomize = tool("kustomize", "sigs.k8s.io/kustomize/kustomize/v5", "tools/manifests");
  const kubeconform = tool("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform", "tools/manifests");
  writeSchemas(join(directory, "schemas"));
  const judge = ["-strict", "-summary", "-schema-location", `${join(directory, "schemas")}/{{.ResourceKind}}.json`];
  const bases = readdirSync(KUSTOMIZE).filter((name) => !name.includes("."));
  for (const base of bases) {
    const copy = join(directory, base);
    cpSync(join(KUSTOMIZE, base), copy, { recursive: true });
    writeFileSync(
      join(copy, "keys.env"),
      Object.entries(KEYS)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    const built = run(kustomize, ["build", copy]);
    for (const [name, value] of Object.entries(KEYS))
      if (!built.includes(`${name}: ${Buffer.from(value).toString("base64")}`)) throw new Error(`${base}: the Secret lacks ${name}`);
    run(kubeconform, judge, built);
    let isRefused = false;
    try {
      run(kubeconform, judge, built.replace(/^spec:$/m, "spec:\n  misspelt: 1"));
    } catch {
      isRefused = true;
    }
    if (!isRefused) throw new Error(`${base}: kubeconform takes a field that nobody knows, so it judges nothing`);
  }
  return bases.length;
}

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-lint-"));
try {
  console.log(`${lintWorkflows()} workflows, ${checkManifests(directory)} kustomize bases: no fault`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
