// Objects that an exchange makes in the module, counted by a build whose allocator reports each (bench/allocations.ts).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";

/** Objects of an exchange, and of each chunk more. */
type Budget = [exchange: number, perChunk: number];

const budgets = (JSON.parse(readFileSync(join(ROOT, "tests/budgets/budgets.json"), "utf8")) as { objects: Record<string, Budget> }).objects;

describe("objects made in the module", () => {
  const command = ["run", "--silent", "bench:allocations", "--", "--json"];
  const counted = JSON.parse(execFileSync("npm", command, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 })) as Record<
    string,
    { allocations: number; allocationsPerChunk: number }
  >;

  it.each(Object.entries(budgets))("by %s stay within their budget", (name, [exchange, perChunk]) => {
    const { allocations, allocationsPerChunk } = counted[name];
    expect(allocations).toBeGreaterThan(0);
    expect(allocations).toBeLessThanOrEqual(exchange);
    expect(allocationsPerChunk).toBeLessThanOrEqual(perChunk);
  });
});
