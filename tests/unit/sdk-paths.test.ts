// Each path that the official clients can call is classified on purpose: as an API with its name, or as one that goes on unread.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { googlePaths, stainlessPaths } from "./sdk-paths";
import { loadUnits, type Units } from "./units";

interface Listed {
  known: Record<string, string>;
  forwarded: { below: string[]; because: string }[];
}
const listed = parse(readFileSync(join(ROOT, "tests/unit/sdk-paths.yaml"), "utf8")) as Record<string, Listed>;

let units: Units;
beforeAll(() => {
  units = loadUnits("path");
});
const api = (path: string) => units.text(units.exports.api(units.put(path)));

/** `/threads` is above `/threads/x1`, `{name}` above `{name}:cancel`. */
const isBelow = (path: string, base: string) => path === base || (path.startsWith(base) && /[/:]/.test(path[base.length]));

function expected(path: string, { known, forwarded }: Listed): string {
  if (known[path] !== undefined) return known[path];
  return forwarded.some(({ below }) => below.some((base) => isBelow(path, base))) ? "-" : `nothing: say in sdk-paths.yaml what ${path} is`;
}

/** Every listed line is of some path, so that the list cannot outlive a package. */
function unused(paths: string[], { known, forwarded }: Listed): string[] {
  const bases = forwarded.flatMap(({ below }) => below);
  return [
    ...Object.keys(known).filter((path) => !paths.includes(path)),
    ...bases.filter((base) => !paths.some((path) => isBelow(path, base) && known[path] === undefined)),
  ];
}

const verdict = (paths: string[], list: Listed, urls: (path: string) => string[]) => ({
  right: paths.flatMap((path) => urls(path).map((url) => [url, expected(path, list)])),
  found: paths.flatMap((path) => urls(path).map((url) => [url, api(url)])),
});

describe("paths of the official clients", () => {
  it("openai, with and without /v1 in its base URL", () => {
    const { calls, found, paths } = stainlessPaths("openai/resources");
    expect(found).toBe(calls);
    expect(paths.length).toBeGreaterThan(120);
    const judged = verdict(paths, listed.openai, (path) => [`/v1${path}`, path]);
    expect(judged.found).toEqual(judged.right);
    expect(unused(paths, listed.openai)).toEqual([]);
  });

  it("@anthropic-ai/sdk", () => {
    const { calls, found, paths } = stainlessPaths("@anthropic-ai/sdk/resources");
    expect(found).toBe(calls);
    expect(paths.length).toBeGreaterThan(100);
    const judged = verdict(paths, listed.anthropic, (path) => [path, `/gateway${path}`]);
    expect(judged.found).toEqual(judged.right);
    // The legacy API is in no file of the package any more.
    expect(unused(paths, listed.anthropic)).toEqual(["/v1/complete"]);
    expect(api("/v1/complete")).toBe(listed.anthropic.known["/v1/complete"]);
  });

  it("@google/genai, for the Gemini API and for Vertex AI", () => {
    const { calls, paths } = googlePaths();
    expect(calls).toBeGreaterThan(60);
    expect(paths.length).toBeGreaterThan(30);
    const filled = (path: string, model: string) =>
      path
        .replace(/\{models_url\}/, "models")
        .replace(/\{(?:model|resourceName)\}/, model)
        .replace(/\{\w+\}/g, "files/x1");
    const judged = verdict(paths, listed.google, (path) => [
      `/v1beta/${filled(path, "models/gem-1")}`,
      `/v1beta1/projects/p/locations/l/${filled(path, "publishers/google/models/gem-1")}`,
    ]);
    expect(judged.found).toEqual(judged.right);
    expect(unused(paths, listed.google)).toEqual([]);
  });
});
