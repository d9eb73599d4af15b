// What `check` says of consumers whose keys end.
import { expect, it } from "vitest";
import { checkExpiry } from "../../cli/expiry";
import { inFolder, json, run } from "./run";

const NOW = "2026-11-28T12:00:00Z";
const DAY = 24 * 60 * 60 * 1000;

const after = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();

function checked(expires: (string | undefined)[], now: string = NOW) {
  return inFolder((_folder, write) => {
    const consumers = expires.map((end, n) => ({ name: `c${n}`, credential: `k${n}`, ...(end !== undefined && { expires: end }) }));
    const file = write("config.json", JSON.stringify({ consumers, provider: { type: "openai", apiTokens: ["k-123456"] } }));
    const result = run(["check", "--format", "json", "--now", now, file]);
    return { code: result.code, findings: json<{ files: { findings: any[] }[] }>(result).files[0].findings };
  });
}

it("warns of those that have expired, and of those that will within fourteen days", () => {
  const { code, findings } = checked([
    after(-1000),
    after(1000),
    after(14 * DAY),
    after(14 * DAY + 1000),
    undefined,
    "2026-11-30T12:00:00+02:00",
  ]);
  expect(code).toBe(0);
  expect(findings.map(({ pointer, severity, message }) => [pointer, severity, message])).toEqual([
    ["/consumers/0/expires", "warning", "the consumer c0 has expired: its keys get 401"],
    ["/consumers/1/expires", "warning", "the consumer c1 expires within 1 day"],
    ["/consumers/2/expires", "warning", "the consumer c2 expires within 14 days"],
    ["/consumers/5/expires", "warning", "the consumer c5 expires within 2 days"],
  ]);
});

it("says nothing long before, and refuses a time that is none", () => {
  expect(checked([after(14 * DAY)], "2026-01-01T00:00:00Z").findings).toEqual([]);
  expect(run(["check", "--now", "soon", "x.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--now takes a time") });
});

it("passes over what is no list of consumers", () => {
  const source = (config: unknown) => ({ name: "", text: JSON.stringify(config), bytes: new Uint8Array(), root: null, place: null });
  for (const config of [null, 5, {}, { consumers: {} }, { consumers: [null, 5, { expires: 7 }, { expires: "${END}" }] }])
    expect(checkExpiry({} as never, source(config) as never, Date.parse(NOW))).toEqual([]);
});
