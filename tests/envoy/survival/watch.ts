// What can be seen of a lab's Envoy while it runs.
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab";

const LIMIT_MS = 10_000;

/** Waits until a condition holds; false when it does not in time. */
export async function waitFor(holds: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<boolean> {
  const limit = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > limit) return false;
    await sleep(20);
  }
  return true;
}

/** A gauge or counter of the plugin, 0 when it was never written. */
export async function pluginStat(lab: Lab, name: string): Promise<number> {
  const lines = await lab.stats(new RegExp(`^wasmcustom\\.${name.replaceAll(".", "\\.")}: `));
  return Number(lines[0]?.split(": ")[1] ?? 0);
}

/** Lines of Envoy's statistics that say that a VM was lost or made anew. */
export async function vmReloads(lab: Lab): Promise<string[]> {
  return (await lab.stats(/vm_reload|\.crash/)).filter((line) => !line.endsWith(": 0"));
}
