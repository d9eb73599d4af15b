// The paths that the official clients can call, walked out of the files in which the packages call them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tools/envoy-path.mjs";

const sources = (folder: string) =>
  readdirSync(join(ROOT, "node_modules", folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => readFileSync(join(ROOT, "node_modules", folder, name), "utf8"));

const unique = (paths: string[]) => [...new Set(paths)].sort();

/** Ids become `x1`, queries go. */
const plain = (path: string) => path.replace(/\$\{[^}]+\}/g, "x1").replace(/\?.*$/, "");

/** Of a package that Stainless generates: each call of its client names a path. `calls` and `paths` differ when one was not understood. */
export function stainlessPaths(folder: string): { calls: number; paths: string[]; found: number } {
  const texts = sources(folder);
  const calls = texts.flatMap((text) => [...text.matchAll(/_client\.(?:get|post|put|patch|delete|getAPIList)\(/g)]);
  const found = texts.flatMap((text) => [
    ...text.matchAll(/_client\.(?:get|post|put|patch|delete|getAPIList)\(\s*(?:path\s*`([^`]+)`|[`']([^`']+)[`'])/g),
  ]);
  return { calls: calls.length, found: found.length, paths: unique(found.map(([, template, text]) => plain(template ?? text))) };
}

/** Of @google/genai: templates in which names of resources are filled. */
export function googlePaths(): { calls: number; paths: string[] } {
  const text = readFileSync(join(ROOT, "node_modules/@google/genai/dist/node/index.mjs"), "utf8");
  const templates = [...text.matchAll(/formatMap\('([^']+)'/g)].map(([, template]) => template);
  const endpoints = [...text.matchAll(/'(\{model\}:\w+)'/g)].map(([, template]) => template);
  return { calls: [...text.matchAll(/formatMap\(/g)].length - 1, paths: unique([...templates, ...endpoints].map(plain)) };
}
