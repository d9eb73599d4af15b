// `npm run check` passes: types, formatting, and files that are generated.
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";

it("npm run check passes", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "check"], { cwd: ROOT, encoding: "utf8" });
  // `npm run docs` and `npm run format -- --write` mend two of the three.
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: expect.any(String) });
}, 300_000);
