// The DeepL dialect at unit level: request, response, whole response as a stream, errors; bytes in, bytes out.
import { beforeAll, describe, expect, it } from "vitest";
import { Dialect, joined, parseStream, sse } from "./plain-chat-support";

let deepl: Dialect;
beforeAll(() => {
  deepl = new Dialect("deepl", { model: "Free", setting: "ZH" });
}, 90_000);

const RESPONSE = {
  translations: [
    { detected_source_language: "EN", text: 'sagte "Ja"' },
    { detected_source_language: "FR", text: "b" },
  ],
};
const hostOf = (model: string) => {
  deepl.begin({ model });
  return deepl.call("host");
};

describe("requests to DeepL", () => {
  it("go to the plan's host, which the model names", () => {
    expect(deepl.path()).toBe("/v2/translate");
    expect(hostOf("Free")).toBe("api-free.deepl.com");
    expect(hostOf("free")).toBe("api-free.deepl.com");
    expect(hostOf("Pro")).toBe("api.deepl.com");
    expect(deepl.refusal({}, { model: "gpt-4o" })).toBe("model");
    expect(deepl.refusal({}, { model: "" })).toBe("model");
  });

  it("translate every message but the system ones, whatever its role", () => {
    const body = deepl.request({
      messages: [
        { role: "system", content: "money" },
        { content: "sit by the bank" },
        { role: "developer", content: "more" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        },
        { role: "user", content: 'a bank in "China"' },
        { role: "user", content: null },
      ],
    });
    expect(body).toEqual({ text: ["sit by the bank", "a\nb", 'a bank in "China"', ""], target_lang: "ZH", context: "money\nmore" });
  });

  it("take the target from the request before that of the configuration, and need one", () => {
    expect(deepl.request({ target_lang: "DE" }).target_lang).toBe("DE");
    expect(deepl.request({ target_lang: "" }).target_lang).toBe("ZH");
    expect(deepl.request({}, { setting: 'x"y' }).target_lang).toBe('x"y');
    expect(deepl.refusal({}, { setting: "" })).toBe("target_lang");
  });

  it("carry DeepL's own settings and nothing of OpenAI's", () => {
    const own = {
      source_lang: "EN",
      formality: "more",
      glossary_id: "g",
      tag_handling: "xml",
      ignore_tags: ["x"],
      preserve_formatting: false,
    };
    expect(deepl.request({ ...own, temperature: 0, stream: true, max_tokens: 3, n: 2 })).toEqual({
      text: ["ping"],
      target_lang: "ZH",
      ...own,
    });
  });

  it("are refused when there is no text", () => {
    expect(deepl.refusal({ messages: [] })).toBe("messages");
    expect(deepl.refusal({ messages: [{ role: "system", content: "x" }] })).toBe("messages");
    expect(deepl.refusal({ messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] })).toBe("messages[0].content");
    expect(
      deepl.refusal({
        messages: [
          { role: "user", content: "x" },
          { role: "system", content: [{}] },
        ],
      }),
    ).toBe("messages[1].content");
  });
});

describe("responses of DeepL", () => {
  it("become a completion with one choice a translation", () => {
    expect(deepl.response(RESPONSE)).toEqual({
      id: "chatcmpl-0000000000abcdef",
      object: "chat.completion",
      created: 1700000000,
      model: "Free",
      choices: [
        { index: 0, message: { role: "assistant", content: 'sagte "Ja"', name: "EN" }, finish_reason: "stop" },
        { index: 1, message: { role: "assistant", content: "b", name: "FR" }, finish_reason: "stop" },
      ],
    });
    expect(deepl.call("seen")).toBe("Free|chatcmpl-0000000000abcdef");
    expect(deepl.call("usage")).toBe("-1,-1,-1,-1,-1");
  });

  it("become a whole stream for a client that asked for one", () => {
    deepl.begin({ stream: true, usage: true });
    const chunks = parseStream(deepl.call("wholeAsStream", JSON.stringify(RESPONSE)));
    expect(joined(chunks, 0)).toBe('sagte "Ja"');
    expect(joined(chunks, 1)).toBe("b");
    for (const choice of [0, 1]) {
      const own = chunks.flatMap((chunk) => chunk.choices).filter((c) => c.index === choice);
      expect(own[0].delta).toMatchObject({ role: "assistant" });
      expect(own.map((c) => c.finish_reason)).toEqual([null, "stop"]);
    }
    expect(chunks.every((chunk) => chunk.object === "chat.completion.chunk" && chunk.id === "chatcmpl-0000000000abcdef")).toBe(true);
    expect(deepl.call("wholeAsStream", '{"translations":[]}')).toBe("!");
  });

  it("are not understood without translations", () => {
    deepl.begin();
    for (const body of ["{}", "[]", '{"translations":[]}', '{"translations":{}}', "<html>"]) expect(deepl.call("response", body)).toBe("!");
  });

  it("that come as events end as an error, for there are none", () => {
    expect(parseStream(deepl.streamText(sse(RESPONSE))).at(-1).error.code).toBe("stream_truncated");
    expect(parseStream(deepl.streamText(sse({ message: "late" }))).at(-1).error.message).toBe("late");
  });
});

describe("errors of DeepL", () => {
  it("become OpenAI's", () => {
    expect(deepl.error(403, { message: "Forbidden" })).toEqual({ message: "Forbidden", type: "permission_error", param: null, code: null });
    expect(deepl.error(400, { message: "Bad request", detail: "Value for 'target_lang' not supported." }).message).toBe(
      "Bad request: Value for 'target_lang' not supported.",
    );
    expect(deepl.error(456, { message: "Quota exceeded" })).toMatchObject({ type: "rate_limit_error", code: "insufficient_quota" });
    expect(deepl.error(429, "")).toMatchObject({ type: "rate_limit_error" });
    expect(deepl.error(529, { message: "busy" }).type).toBe("server_error");
  });

  it("behind status 200 are errors all the same, not translations", () => {
    expect(deepl.failedStatus({ message: "odd" })).toBe(502);
    expect(deepl.failedStatus(RESPONSE)).toBe(0);
  });

  it("and mutated input never trap", () => {
    deepl.fuzz({
      request: {
        model: "Free",
        target_lang: "DE",
        formality: "more",
        messages: [
          { role: "system", content: "a" },
          { role: "user", content: [{ type: "text", text: "\u00e9" }] },
        ],
      },
      response: RESPONSE,
      failure: { message: "m", detail: "d" },
      events: [RESPONSE],
    });
  }, 60_000);
});
