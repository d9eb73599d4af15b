// Everything that edits a chat on its way to a provider that speaks OpenAI's API, thrown together: options, settings, roles, lists, calls,
// models and the quirks of every row. What leaves must be valid JSON, what an oracle over parsed values makes of the options one after
// another, and hold the bytes of what nobody knows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalog } from "../../schema/catalog.mjs";
import { loadPlugin } from "../../emulator/module";
import { validProvider } from "../unit/config-arbitrary";
import { expectedChat, type Chat, type Options } from "./edits-oracle";

const catalog = await readCatalog();
const passing = catalog
  .allProviders()
  .filter((row: any) => row.dialect === catalog.Dialect.OpenAI && row.paths.some((path: any) => path.api === catalog.Api.ChatCompletions));

const text = fc.constantFrom("", "a", "/new", "two\nlines", 'quo"te', "größe", "\\");
const textPart = text.map((value) => ({ type: "text", text: value }));
const part = fc.oneof(
  { weight: 6, arbitrary: textPart },
  { weight: 1, arbitrary: fc.constant({ type: "image_url", image_url: { url: "https://x.test/a.png" } }) },
  { weight: 1, arbitrary: textPart.map((one) => ({ ...one, cache_control: { type: "ephemeral" } })) },
);
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }));
const id = fc.constantFrom("call_1", "Abc123xyZ", "toolu_é", "x", "");
const call = fc.record({
  id,
  type: fc.constant("function"),
  function: fc.record({ name: fc.constantFrom("f", "g"), arguments: fc.constantFrom("{}", '{"a":1}', "", "null", "[1]", null) }),
});
const extra = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ name: "n" }, { refusal: null }, { reasoning_content: "hm" }, { x_kept: "#" }) },
);
const message = fc.oneof(
  fc.tuple(fc.constantFrom("developer", "system", "user", "user", "assistant", "assistant"), content, extra).map(([role, value, more]) => ({
    role,
    content: value,
    ...more,
  })),
  fc.tuple(fc.array(call, { maxLength: 2 }), fc.option(content), extra).map(([tool_calls, value, more]) => ({
    ...more,
    role: "assistant",
    content: value,
    tool_calls,
  })),
  fc.tuple(id, content).map(([tool_call_id, value]) => ({ tool_call_id, content: value, role: "tool" })),
  fc.constantFrom<unknown>(null, "no message", { role: "user" }),
);
const MODELS = [
  "m",
  "gpt-4o",
  "gpt-5",
  "gpt-5.2",
  "gpt-5.4-mini",
  "gpt-5.6-terra",
  "o3",
  "ft:gpt-4o:x",
  "qwen-long",
  "mistral-small-latest",
  "größe",
];
const model = fc.constantFrom(...MODELS);
const effort = fc.constantFrom("none", "minimal", "low", "high", "xhigh", null);
const chat: fc.Arbitrary<Chat> = fc.record(
  {
    model,
    messages: fc.array(message, { minLength: 0, maxLength: 8, size: "large" }),
    stream: fc.boolean(),
    stream_options: fc.constantFrom(null, {}, { include_usage: true }, { include_usage: false, x: 1 }),
    temperature: fc.constantFrom(0, 0.7, null),
    top_p: fc.constant(0.9),
    max_tokens: fc.constantFrom(5, null),
    max_completion_tokens: fc.constantFrom(7, null),
    seed: fc.constant(3),
    stop: fc.constantFrom("x", ["a", "b"], []),
    reasoning_effort: effort,
    reasoning_max_tokens: fc.constantFrom(0, 900, "no"),
    reasoning: fc.constantFrom({}, { exclude: true }),
    thinking: fc.constant({ type: "disabled" }),
    verbosity: fc.constant("low"),
    tools: fc.constantFrom([], [{ type: "function", function: { name: "f" } }], [{ type: "custom", custom: { name: "c" } }]),
    metadata: fc.constantFrom({}, { a: 0, b: { c: 1 } }, null),
    user: fc.constant("u"),
    logprobs: fc.constant(true),
    store: fc.constant(false),
    response_format: fc.constant({ type: "text" }),
  },
  { requiredKeys: ["model", "messages"] },
);

const value = fc.constantFrom<unknown>(0, "v", null, true, [1], { k: 1 }, { role: "developer", content: [{ type: "text", text: "t" }] });
const PATHS = [
  "stop.0",
  "stop.-1",
  "stop.1",
  "tags.0",
  "tags.-1",
  "tags.9",
  "metadata.a",
  "metadata.b.c",
  "metadata",
  "metadata.b.-1",
  "deep.er.0.x",
];
PATHS.push(
  "messages.0",
  "messages.-1",
  "messages.0.content",
  "messages.0.role",
  "messages.1.x",
  "stream_options.x",
  "stream_options",
  "größe.a\\.b",
);
PATHS.push("reasoning_effort", "temperature", "max_tokens", "tools.-1", 'odd"name.1', "x_kept_0.y");
const setting = fc.record(
  { name: fc.constantFrom(...PATHS), value, mode: fc.constant("raw"), overwrite: fc.boolean() },
  { requiredKeys: ["name", "value", "mode"] },
);
const automatic = fc.record(
  {
    name: fc.constantFrom("max_tokens", "temperature", "top_k", "seed", "unknown"),
    value: fc.constantFrom(0, 0.5),
    overwrite: fc.boolean(),
  },
  { requiredKeys: ["name", "value"] },
);
const options: fc.Arbitrary<Options> = fc.record(
  {
    modelMapping: fc.dictionary(fc.constantFrom("m", "gpt-4o", "gpt-5", "*"), model, { maxKeys: 2 }),
    mergeConsecutiveMessages: fc.boolean(),
    hiclawMode: fc.boolean(),
    contextCleanupCommands: fc.constant(["/new"]),
    customSettings: fc.array(fc.oneof({ weight: 3, arbitrary: setting }, { weight: 1, arbitrary: automatic }), { maxLength: 5 }),
  },
  { requiredKeys: [] },
);

/** Members that nobody knows, spelt as no serialiser would: their bytes must come through. */
const UNKNOWN = ['"x_kept_0" : 1.500e+01', '"x_k\\u00e9pt" :\t[ 9007199254740993,{ } ]', '"x_kept_2":"\\u00e9\\/ \\ud83d"'];
const INSIDE = '"x_kept":"#"';
const ODD = '"x_kept" :\n[0.10, "\\u0041"]';

/** The chat as JSON text, with unknown members among those of the body, and of messages that have one. */
function spell(body: Chat, at: number): string {
  const members = Object.entries(body).map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one).replaceAll(INSIDE, ODD)}`);
  UNKNOWN.forEach((member, index) => members.splice((at * (index + 1)) % (members.length + 1), 0, member));
  return `{ ${members.join(" ,\n")}}`;
}

/** What only some types have. */
function ownOptions(type: string): object {
  if (type === "qwen") return { qwenFileIds: ["f1", "f2"] };
  // Otherwise some of these chats go to the Responses API.
  if (type === "openai" || type === "azure") return { openaiApi: "chat" };
  return type === "longcat" ? { responseJsonSchema: { type: "json_object" } } : {};
}

describe.each<any>(passing)("edits of a chat for $type", (row) => {
  const { type } = row;
  const runs = Number(process.env.EDIT_RUNS ?? 60);

  it("compose", async () => {
    const host = await loadPlugin();
    const base = { ...validProvider(type), ...ownOptions(type) };
    if (!row.takesCallerKey && row.authScheme !== catalog.AuthScheme.None) Object.assign(base, { apiTokens: ["k-1"] });
    fc.assert(
      fc.property(options, chat, fc.nat(20), (chosen, body, at) => {
        const plugin = host.configure(JSON.stringify({ provider: { ...base, ...chosen } }));
        expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
        const sent = spell(body, at);
        const exchange = plugin.exchange({ path: "/v1/chat/completions", headers: { "content-type": "application/json" }, body: sent });
        expect(exchange.localReply?.text).toBeUndefined();
        const left = Buffer.from(exchange.upstream!.body).toString();
        expect(JSON.parse(left)).toEqual(expectedChat(JSON.parse(sent), { ...base, ...chosen } as Options, row, catalog));
        for (const member of UNKNOWN) if (!JSON.stringify(chosen).includes("x_kept_0")) expect(left).toContain(member);
        exchange.abort();
      }),
      { numRuns: runs },
    );
    expect(host.traps).toEqual([]);
    expect(host.violations).toEqual([]);
  });
});
