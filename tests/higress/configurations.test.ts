// Configurations as Higress's documentation, console and issues have them (rewritten by us), each with the verdict of its plugin 2.2.4 and what
// `check --against higress` says will differ. Facts of its Go sources, read Nov 2026: only the active providers are validated, and one that
// is wrong keeps the whole plugin from starting.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { differencesOf } from "../../cli/against-higress";
import { readConfigFile } from "../../cli/config-file";
import { configure } from "../../cli/plugin";
import { PLUGIN_PATH } from "../../emulator/module";
import { ROOT } from "../../tools/envoy-path.mjs";

interface Entry {
  name: string;
  config: object;
  higress: "takes" | "refuses";
  /** Where that is not Higress's verdict. `isolates`: it starts, and what is wrong alone does not work. */
  here?: "takes" | "refuses" | "isolates";
  /** Why: the beginning of a heading or of a list's entry in docs/migrating-from-higress.md. */
  why?: string;
  /** Pointers of what differs. */
  differs?: string[];
}

const FOLDER = join(ROOT, "tests/higress/configurations");
const guide = readFileSync(join(ROOT, "docs/migrating-from-higress.md"), "utf8");
const groups = readdirSync(FOLDER).map((file) => [file, parse(readFileSync(join(FOLDER, file), "utf8")) as Entry[]] as const);
const dumped: string[] = [];

describe("configurations of Higress's users", () => {
  let module: WebAssembly.Module;
  beforeAll(() => {
    module = new WebAssembly.Module(readFileSync(PLUGIN_PATH));
  });

  it("are 200 at least", () => {
    expect(groups.flatMap(([, entries]) => entries).length).toBeGreaterThanOrEqual(200);
  });

  it.each(groups)("%s: each gets Higress's verdict, or one that the guide names", async (_file, entries) => {
    for (const { name, config, higress, here = higress, why, differs = [] } of entries) {
      const file = readConfigFile("config.json", Buffer.from(JSON.stringify(config)), true);
      const [source] = file.sources;
      const { starts, findings } = await configure(module, file, source, {});
      const isClean = findings.every((one) => one.severity !== "error");
      const verdict = starts ? (isClean ? "takes" : "isolates") : "refuses";
      const found = [...new Set(differencesOf(file, source).map((one) => one.pointer))];
      if (process.env.DUMP) {
        dumped.push(
          JSON.stringify({
            name,
            verdict,
            higress,
            differs: found,
            e: findings.map((one) => `${one.severity} ${one.message.slice(0, 150)}`),
          }),
        );
        continue;
      }
      expect({ name, verdict, differs: found }).toEqual({ name, verdict: here, differs });
      if (here === higress) expect(why, name).toBeUndefined();
      else expect(guide, `${name}: ${why}`).toContain(`${why}`);
    }
    if (process.env.DUMP) (await import("node:fs")).writeFileSync(process.env.DUMP, dumped.join("\n"));
  });
});
