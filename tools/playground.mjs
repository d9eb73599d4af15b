// `npm run playground`: one HTML file, build/playground/index.html, with the plugin, the host, the examples and the styles in
// it. It opens from a disk or any static server. Its content security policy names the script and the style by their digests
// and allows no connection at all: what is typed into the page cannot leave it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readSchema } from "../schema/model.mjs";
import { ROOT } from "./envoy-path.mjs";

export const PAGE = join(ROOT, "build/playground/index.html");

const digest = (text) => createHash("sha256").update(text).digest("base64");

/** The examples need the plugin and the case folders, which are TypeScript: bundled for Node, and called. */
async function examples() {
  const file = join(ROOT, "build/playground-examples.mjs");
  await build({
    entryPoints: [join(ROOT, "playground/build-examples.ts")],
    bundle: true,
    platform: "neutral",
    external: ["node:*"],
    // The case folders are looked for beside their reader, which is somewhere else once it is bundled.
    define: { "import.meta.url": JSON.stringify(pathToFileURL(join(ROOT, "tests/cases/case.ts")).href) },
    outfile: file,
    logLevel: "error",
  });
  try {
    const { buildExamples } = await import(`${pathToFileURL(file)}?${Date.now()}`);
    return await buildExamples();
  } finally {
    rmSync(file);
  }
}

/** Tables of the schema: what is said of each field, its values, and the table that an object in it has. */
function fields() {
  const { tables } = readSchema();
  const row = ({ key, kind, table, values, default: preset, node }) => [
    key,
    { kind, text: node.description ?? "", ...(table ? { table } : {}), ...(values ? { values } : {}), ...(preset ? { preset } : {}) },
  ];
  return Object.fromEntries(tables.map((table) => [table.name, Object.fromEntries(table.fields.map(row))]));
}

/** The examples and the fields as modules of the page. */
const examplesPlugin = {
  name: "examples",
  setup(build) {
    build.onResolve({ filter: /^playground:/ }, ({ path }) => ({ path, namespace: "playground" }));
    build.onLoad({ filter: /.*/, namespace: "playground" }, async ({ path }) => ({
      contents: JSON.stringify(path === "playground:fields" ? fields() : await examples()),
      loader: "json",
    }));
  },
};

/** What needs Node, in the form that needs a browser. */
const browserPlugin = {
  name: "browser",
  setup(build) {
    build.onResolve({ filter: /^\.\/stand-in-key$/ }, () => ({ path: join(ROOT, "playground/stand-in-key.ts") }));
  },
};

async function bundle(entry, options = {}) {
  const result = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["chrome110", "firefox113", "safari16.4"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    loader: { ".wasm": "binary", ".yaml": "text" },
    ...options,
  });
  return result.outputFiles[0].text;
}

/**
 * Builds the page from build/plugin.wasm and returns its path.
 * @returns {Promise<string>}
 */
export async function buildPage() {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const sha256 = createHash("sha256")
    .update(readFileSync(join(ROOT, "build/plugin.wasm")))
    .digest("hex");
  const define = { VERSION: JSON.stringify(version), PLUGIN_SHA256: JSON.stringify(sha256) };
  const style = (await bundle("playground/style.css")).trim();
  // The end of a script must not stand in it.
  const script = (await bundle("playground/main.ts", { define, plugins: [examplesPlugin, browserPlugin] }))
    .trim()
    .replaceAll("</script", "<\\/script");
  const policy = `default-src 'none'; script-src 'sha256-${digest(script)}' 'wasm-unsafe-eval'; style-src 'sha256-${digest(style)}'; base-uri 'none'; form-action 'none'`;
  const page = readFileSync(join(ROOT, "playground/index.html"), "utf8")
    .replace("<!-- policy -->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}" />`)
    .replace("<!-- style -->", () => `<style>${style}</style>`)
    .replace("<!-- script -->", () => `<script>${script}</script>`);
  mkdirSync(join(PAGE, ".."), { recursive: true });
  writeFileSync(PAGE, page);
  return PAGE;
}

/** Serves the one file on the loopback interface, on PORT or 8080. */
function serve(path) {
  const server = createServer((incoming, outgoing) => {
    const isPage = new URL(incoming.url ?? "/", "http://playground").pathname === "/";
    outgoing.writeHead(isPage ? 200 : 404, { "content-type": "text/html; charset=utf-8" }).end(isPage ? readFileSync(path) : "");
  });
  server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log(`playground: http://127.0.0.1:${server.address().port}/`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = await buildPage();
  const size = Math.round(readFileSync(path).length / 1024);
  console.log(`playground: ${path.slice(ROOT.length + 1)}, ${size} KB`);
  if (process.argv.includes("--serve")) serve(path);
}
