// A stream cut at every byte, byte by byte and in two, is the same stream to the client, for every pair of client API and dialect.
import { describe, expect, it } from "vitest";
import { DIALECTS, type Answer } from "../dialects";
import { CLIENTS, type Client } from "../dialects/clients";
import { ASKED } from "../matrix/asked";
import { Pair } from "../matrix/observe";

const ANSWER: Answer = {
  thinking: { text: "Hm: 文😀", seal: Buffer.from("a seal").toString("base64") },
  text: 'He said "\u00e9" 文😀.\n',
  citation: { url: "https://example.test/a", title: "A" },
  calls: [{ id: "call_abc1", name: "look", arguments: { q: "文\\" } }],
  usage: { input: 31, output: 17, cached: 5, reasoning: 3 },
};
const CUTS_IN_TWO = 24;

/** Without the ids that a gateway makes by chance. */
const stripped = (text: string) => text.replace(/\b(chatcmpl|call|msg|toolu|resp|rs|fc)[-_][0-9a-zA-Z_]{6,}/g, "$1-made");

function streamOf(pair: Pair, client: Client, chunks?: (bytes: Buffer) => Buffer[]): string {
  const tools = pair.dialect.name === "deepl" ? {} : ASKED.find(({ name }) => name === "tools")!.of[client.name]!.more;
  const told = pair.tell(client, client.body(true, tools), true, ANSWER, chunks);
  expect(told, `${pair.dialect.name} refuses`).not.toBe(null);
  return stripped(told!.got);
}

function inTwo(bytes: Buffer, seed: number): Buffer[] {
  const at = 1 + (seed % (bytes.length - 1));
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

describe.each(DIALECTS)("a stream of $name", (dialect) => {
  it.each(CLIENTS)("cut anywhere, for $name clients", async (client) => {
    const pair = await Pair.of(dialect);
    const whole = streamOf(pair, client);
    expect(whole.length).toBeGreaterThan(50);
    expect(streamOf(pair, client, (bytes) => [...bytes].map((byte) => Buffer.from([byte])))).toBe(whole);
    // The places of the cuts differ from pair to pair.
    for (let n = 0; n < CUTS_IN_TWO; n++)
      expect(streamOf(pair, client, (bytes) => inTwo(bytes, n * 7919 + CLIENTS.indexOf(client) * 31 + DIALECTS.indexOf(dialect)))).toBe(
        whole,
      );
    expect([pair.host.traps, pair.host.violations]).toEqual([[], []]);
  });
});
