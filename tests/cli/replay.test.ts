// `replay`: the client's response byte for byte, the tokens, the line of the log and the metrics.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fixture, fixtureText, inFolder, json, run } from "./run";

interface Replayed {
  upstream: { host: string } | null;
  model: { requested: string; sent: string };
  response: { status: number; isComplete: boolean; headers: [string, string][]; body: string };
  tokens: Record<string, unknown>;
  log: Record<string, unknown> | null;
  metrics: Record<string, number | number[]>;
}

function replayed(args: string[]): Replayed & { code: number; stderr: string } {
  const result = run(["replay", "--format", "json", ...args]);
  return { ...json<Replayed>(result), code: result.code, stderr: result.stderr };
}

const OPENAI = [fixture("gateway.yaml"), fixture("chat.json"), fixture("openai.sse")];
const CLAUDE = [fixture("gateway.yaml"), fixture("chat.json"), fixture("anthropic.http"), "--route", "team-a"];

describe("a recorded stream", () => {
  it("of the client's own dialect passes, without the usage that it did not ask for", () => {
    const one = replayed([...OPENAI, "--route", "ai", "--cluster", "llm", "--consumer", "alice"]);
    expect(one).toMatchObject({
      code: 0,
      stderr: "",
      model: { requested: "gpt-4o", sent: "gpt-4.1" },
      response: { status: 200, isComplete: true },
      tokens: { input_token: 14, output_token: 2, total_token: 16, usage_source: "reported" },
      log: { consumer: "alice", outcome: "completed", chat_id: "chatcmpl-7" },
    });
    expect(one.response.body.match(/^data: /gm)).toHaveLength(3);
    expect(one.response.body).not.toContain("usage");
    expect(one.metrics["route.ai.upstream.llm.model.gpt-4.1-2025-04-14.consumer.alice.metric.input_token"]).toBe(14);
  });

  it("of another dialect is translated, whatever its pieces", () => {
    const whole = replayed(CLAUDE);
    expect(whole).toMatchObject({ code: 0, tokens: { input_token: 11, output_token: 4 }, upstream: { host: "api.anthropic.com" } });
    expect(whole.response.body).toContain('"content":"Hello!"');
    expect(whole.response.body).toMatch(/data: \[DONE\]\n\n$/);
    expect(whole.response.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value)).not.toContain("session=abc");
    const strip = (body: string) => body.replace(/"created":\d+/g, "");
    for (const chunk of ["1", "7", "100"])
      expect(strip(replayed([...CLAUDE, "--chunk", chunk]).response.body)).toBe(strip(whole.response.body));
  });

  it("that the provider cuts is cut for the client too", () => {
    const at = fixtureText("openai.sse").indexOf("data:", 1);
    const one = replayed([...OPENAI, "--cut", String(at)]);
    expect(one).toMatchObject({ code: 0, response: { isComplete: false }, log: { outcome: "aborted" } });
    expect(one.response.body.match(/^data: /gm)).toHaveLength(1);
    const people = run(["replay", ...OPENAI, "--cut", String(at)]);
    expect(people.stdout).toContain("(the response breaks off here, and the client can tell)\n");
  });
});

describe("a recorded whole response", () => {
  it("that is an error shows as one, and no key that it quotes", () => {
    const args = [fixture("gateway.yaml"), fixture("chat.json"), fixture("error.json"), "--status", "429"];
    expect(replayed(args)).toMatchObject({
      response: { status: 429 },
      log: { status: 429, outcome: "error" },
      tokens: { usage_source: "none" },
    });
    const { stdout } = run(["replay", ...args]);
    expect(stdout).toContain("HTTP 429\n");
    expect(stdout).not.toContain("sk-live");
    expect(stdout).toContain("<secret /providers/0/apiTokens/0>");
  });

  it("can be written to a file, byte for byte", () => {
    inFolder((folder, write) => {
      const bytes = Buffer.from('{"id":"1","object":"chat.completion","model":"m","choices":[],"x":"\u00e9"}\n');
      const out = `${folder}/out`;
      run(["replay", fixture("gateway.yaml"), fixture("chat.json"), write("r.json", bytes), "--output", out]);
      expect(Buffer.compare(readFileSync(out), bytes)).toBe(0);
    });
  });
});

describe("for people", () => {
  it("shows response, tokens, log and metrics", () => {
    const { stdout } = run(["replay", ...CLAUDE]);
    expect(stdout).toContain("sent      POST api.anthropic.com/v1/messages\n\nHTTP 200\n");
    expect(stdout).toContain("\ntokens    input_token 11, output_token 4, total_token 15, usage_source reported\n");
    expect(stdout).toContain('\nai_log    {"api":"openai/v1/chatcompletions","model":"claude-sonnet-4-5",');
    expect(stdout).toContain(
      "\n  ai_proxy.~route.team-a.~upstream.none.~model.claude-sonnet-4-5.~consumer.none.request_duration_ms samples 0\n",
    );
  });

  it.each([
    [[...OPENAI.slice(0, 2)], "replay takes three files"],
    [[...OPENAI, "--cut", "-1"], "--cut"],
    [[...OPENAI, "--chunk", "0"], '--chunk takes a whole number from 1 on, not "0"'],
    [[...OPENAI, "--status", "700"], "--status takes a whole number from 100 to 599"],
    [[...OPENAI.slice(0, 2), "wasmplugin.yaml"], "what kind of response is wasmplugin.yaml?"],
    [[...OPENAI, "--output", "no/such/folder/x"], "cannot write no/such/folder/x: no such file"],
  ])("says what is wrong with %j", (args, message) => {
    expect(run(["replay", ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  it("answers 1 when the plugin answers itself, without a reply", () => {
    const args = ["replay", "-", fixture("chat.json"), fixture("openai.sse"), "--path", "/v1/moderations"];
    const result = run(args, "provider: { type: claude, apiTokens: [k] }\n");
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining("HTTP 404\n") });
  });
});
