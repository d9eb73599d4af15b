// Higress's Envoy chooses the route again when path or host change, unless it is told not to; other hosts are left in peace.
import { describe, expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";

const CONFIG = { provider: { type: "doubao", apiTokens: ["k"] } };
const CHAT = {
  path: "/v1/chat/completions",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }] }),
};

describe("the route that the client's request chose", () => {
  it.each([
    ["higress", ["off", "off"]],
    // What the host is, the plugin knows after the first exchange.
    ["envoy", ["off", null]],
  ] as const)("is kept in %s", async (attributes, wanted) => {
    const host = await loadPlugin({ attributes });
    const plugin = host.configure(JSON.stringify(CONFIG));
    const states = [0, 1].map(() => {
      const exchange = plugin.exchange(CHAT);
      expect(exchange.upstream?.path).toBe("/api/v3/chat/completions");
      exchange.respond({ status: 200, headers: { "content-type": "application/json" }, chunks: ["{}"] });
      return exchange.finish().stateText("clear_route_cache");
    });
    expect(states).toEqual(wanted);
    expect(host.violations).toEqual([]);
  });

  it("is no business of a plugin that does nothing", async () => {
    const host = await loadPlugin({ attributes: "higress" });
    expect(host.configure("{}").exchange(CHAT).finish().stateText("clear_route_cache")).toBeNull();
  });
});
