// What exchanges must not leave behind in Envoy, however they ended.
import { expect } from "vitest";
import type { Lab } from "../lab";
import { pluginStat, vmReloads, waitFor } from "./watch";

/** All `sent` exchanges were logged, each once and by the plugin; nothing is in flight, nothing is held, no VM was lost. */
export async function expectNothingLeft(lab: Lab, sent: number): Promise<void> {
  await waitFor(() => lab.logs().length >= sent);
  await waitFor(async () => (await pluginStat(lab, "ai_proxy.requests_in_flight")) === 0);
  await waitFor(async () => (await pluginStat(lab, "ai_proxy.held_bytes")) === 0);
  const logs = lab.logs();
  expect(logs).toHaveLength(sent);
  expect(logs.filter((entry) => entry.aiLog === null)).toEqual([]);
  expect(await pluginStat(lab, "ai_proxy.requests_in_flight")).toBe(0);
  expect(await pluginStat(lab, "ai_proxy.held_bytes")).toBe(0);
  expect(await vmReloads(lab)).toEqual([]);
  expect(lab.envoyLog()).not.toMatch(/abort:|unreachable|Function: proxy_on/);
}
