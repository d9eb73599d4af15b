// Fills the ${NAME} placeholders of deploy/envoy/envoy.yaml. As a program: `envoy-config.mjs compose OUT` writes the variant
// that deploy/Dockerfile builds in.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./envoy-path.mjs";

export const TEMPLATE = join(ROOT, "deploy/envoy/envoy.yaml");
const COMMENT = /^\s*#/;

/** Values for one machine without containers: everything on the loopback interface. */
export const LOCAL_VALUES = {
  LISTEN_ADDRESS: "127.0.0.1",
  LISTEN_PORT: 10000,
  ADMIN_ADDRESS: "127.0.0.1",
  ADMIN_PORT: 9901,
  UPSTREAM_HOST: "127.0.0.1",
  UPSTREAM_PORT: 9080,
  PLUGIN_WASM: join(ROOT, "build/plugin.wasm"),
  ACCESS_LOG: "/dev/stdout",
};

/** Values inside docker-compose: names and paths of deploy/docker-compose.yaml. */
export const COMPOSE_VALUES = {
  ...LOCAL_VALUES,
  LISTEN_ADDRESS: "0.0.0.0",
  ADMIN_ADDRESS: "0.0.0.0",
  UPSTREAM_HOST: "mock",
  PLUGIN_WASM: "/etc/envoy/plugin.wasm",
};

/**
 * The template with every placeholder outside comment lines replaced. Throws on a placeholder without a value.
 * @param {string} template
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function fillTemplate(template, values) {
  const fill = (_, name) => {
    if (values[name] === undefined) throw new Error(`no value for \${${name}}`);
    return String(values[name]);
  };
  const lines = template.split("\n");
  return lines.map((line) => (COMMENT.test(line) ? line : line.replace(/\$\{(\w+)\}/g, fill))).join("\n");
}

/**
 * deploy/envoy/envoy.yaml filled with `values` over the local ones.
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function envoyConfig(values = {}) {
  return fillTemplate(readFileSync(TEMPLATE, "utf8"), { ...LOCAL_VALUES, ...values });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [variant, out] = process.argv.slice(2);
  if (variant !== "compose" || !out) {
    console.error("usage: envoy-config.mjs compose OUT");
    process.exit(2);
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `# Written by tools/envoy-config.mjs from deploy/envoy/envoy.yaml: edit that one.\n${envoyConfig(COMPOSE_VALUES)}`);
}
