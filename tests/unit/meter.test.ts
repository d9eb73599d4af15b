// The meter of streams: an event that repeats the one before is passed over, and what is counted must not depend on it.
import { describe, expect, it } from "vitest";
import { loadUnits } from "./units";

const units = loadUnits("meter");
const metered = (text: string, size = 1 << 20) => units.text(units.exports.metered(units.put(text), size));
const filtered = (text: string, size = 1 << 20) => units.text(units.exports.filtered(units.put(text), size));
const known = (text: string, next: string) => units.exports.knownAfter(units.put(text), units.put(next));

const event = (value: object | string, line = "\n") => `data: ${typeof value === "string" ? value : JSON.stringify(value)}${line}${line}`;
const chunk = (content: string | null, rest: object = {}, delta: object = {}) => ({
  ...{ id: "chatcmpl-1", object: "chat.completion.chunk", model: "m-1" },
  choices: [{ index: 0, delta: { content, ...delta }, finish_reason: null }],
  ...rest,
});
const padded = (content: string, obfuscation: string) => event(chunk(content, { usage: null, obfuscation }));
const usage = (n: number) => ({ prompt_tokens: n, completion_tokens: 2 * n, total_tokens: 3 * n });

/** In one piece, where repeated events are passed over, and byte by byte, where none is. */
function same(text: string): void {
  expect(metered(text)).toBe(metered(text, 1));
  expect(filtered(text)).toBe(filtered(text, 1));
}

describe("an event that repeats the one before", () => {
  const first = event(chunk("Hello"));

  it.each([
    ["other text", event(chunk(" wörld, 漢字 🙂"))],
    ["no text", event(chunk(""))],
    ["the same text", first],
    ["escapes", event(chunk('"\\\n\u2028 é'))],
    ["an escaped quote at the end", event(chunk('"'))],
    [
      "a spelt-out escape",
      event(
        String.raw`{"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":{"content":"\u00e9\/"},"finish_reason":null}]}`,
      ),
    ],
  ])("is known: %s", (_, next) => {
    expect(known(first, next)).toBe(Buffer.byteLength(next));
    expect(known(first, next + next)).toBe(Buffer.byteLength(next));
    same(first + next + next);
  });

  it.each([
    ["another member", event(chunk("Hello", { usage: null }))],
    ["a value that is no string", event(chunk(null))],
    ["another id", first.replace("chatcmpl-1", "chatcmpl-2")],
    ["another id of another size", first.replace("chatcmpl-1", "chatcmpl-12")],
    ["a finish reason", first.replace("null", '"stop"')],
    ["a wrong escape", first.replace("Hello", "\\x")],
    ["a half escape", first.replace("Hello", "\\u12")],
    ["a quote in a half escape", first.replace("Hello", '\\u1"')],
    ["a bare control character", first.replace("Hello", "a\tb")],
    ["a line end in the text", first.replace("Hello", "a\nb")],
    ["a space before the data", first.replace("data: ", "data:")],
    ["another line end", event(chunk("Hello"), "\r\n")],
    ["another field", `id: 7\n${first}`],
    ["no end", first.slice(0, -1)],
    ["nothing", ""],
    ["half of it", first.slice(0, 40)],
    ["half of the text", first.slice(0, first.indexOf("llo"))],
  ])("is not: %s", (_, next) => {
    expect(known(first, next)).toBe(0);
    same(first + next + first + first);
  });

  it("is none when nothing came before, or the last one was not whole, long, or in several lines", () => {
    expect(known("", first)).toBe(0);
    expect(known(first + "data: {", first)).toBe(0);
    expect(known(first + "data: {}\n", first)).toBe(0);
    expect(known(`data: {}\ndata: \n\n`, `data: {}\ndata: \n\n`)).toBe(0);
    const long = event(chunk("", { system_fingerprint: "f".repeat(1024) }));
    expect(known(long, long)).toBe(0);
    const returns = event(chunk("a"), "\r");
    expect(known(returns, returns)).toBe(0);
    expect(known(event(chunk("a"), "\r\n"), event(chunk("b"), "\r\n"))).toBe(event(chunk("b"), "\r\n").length);
  });

  it("is compared with the event before it, not with an older one", () => {
    expect(known(first + event({}), first)).toBe(0);
    expect(known(first + event({}), event({}))).toBe(event({}).length);
    same(event(chunk("a", { usage: usage(1) })) + event(chunk("b", { usage: usage(2) })) + event(chunk("a", { usage: usage(1) })));
  });

  it("may be long where it differs", () => {
    expect(known(first, event(chunk("x".repeat(100_000))))).toBe(event(chunk("x".repeat(100_000))).length);
    expect(known(event(chunk("x".repeat(2000))), first)).toBe(0);
  });

  it("may differ in padding and in its number, too", () => {
    expect(known(padded("a", "xyz"), padded("bcd", ""))).toBe(padded("bcd", "").length);
    const numbered = (delta: string, sequence_number: number | string) =>
      `event: response.output_text.delta\n${event({ type: "response.output_text.delta", delta, sequence_number, obfuscation: "x" + delta })}`;
    expect(known(numbered("a", 9), numbered("bc", 10))).toBe(numbered("bc", 10).length);
    expect(known(numbered("a", 9), numbered("bc", "10"))).toBe(0);
    expect(known(numbered("a", 9), numbered("bc", -1))).toBe(0);
    same(numbered("a", 9) + numbered("b", 10) + numbered("c", 11) + numbered("d", "x"));
  });

  it("has at most eight places that differ", () => {
    const many = (count: number, text: string) => event({ choices: Array(count).fill({ delta: { content: text } }) });
    expect(known(many(8, "a"), many(8, "bc"))).toBe(many(8, "bc").length);
    expect(known(many(9, "a"), many(9, "a"))).toBe(0);
    same(many(9, "a") + many(9, "bc") + many(8, "a") + many(8, "bc"));
  });
});

describe("a stream with repeated events", () => {
  it("has its text counted, its first token seen and its usage known", () => {
    const text = event(chunk("")) + event(chunk("")) + event(chunk("Hi")) + event(chunk(" there, how are you?"));
    const [nothing, second] = [event(chunk("")).length * 2, event(chunk("Hi")).length];
    const seen = (cut: number) => metered(text.slice(0, cut)).split(" ")[8];
    expect([seen(nothing), seen(nothing + second)]).toEqual(["0", "1"]);
    expect(Number(metered(text).split(" ")[6])).toBeGreaterThan(4);
    same(text + event({ choices: [], usage: usage(7) }) + event({ choices: [], usage: usage(7) }) + event("[DONE]"));
  });

  it("has a null usage cut out wherever the places that differ moved it", () => {
    const before = (content: string, obfuscation: string) => event({ obfuscation, usage: null, choices: [{ delta: { content } }] });
    const text =
      before("a", "xxxx") + before("bcd", "") + before('"\n', "yyyyyyyy") + padded("a", "b") + padded("cde", "") + padded("", "fgh");
    const kept = filtered(text).split("\n\n").slice(0, 6);
    expect(kept.map((one) => one.includes("usage"))).toEqual(Array(6).fill(false));
    for (const one of kept) expect(() => JSON.parse(one.slice(6))).not.toThrow();
    same(text);
    same(text.replaceAll("\n\n", "\n\nevent: ping\n\n"));
    same(text.replaceAll("\n\n", "\n\n: comment\n\n"));
  });

  it("has every usage chunk taken out", () => {
    const last = event({ choices: [], usage: usage(1) });
    expect(filtered(padded("a", "b") + last + last + last)).not.toContain("usage");
    same(padded("a", "b") + last + last + padded("c", "") + last);
  });

  it("is the same at every cut", () => {
    const words = ["", "a", ' "quoted"', "漢字", "\n", "\\", "🙂".repeat(3)];
    const parts: ((word: string, k: number) => string)[] = [
      (word) => event(chunk(word)),
      (word, k) => padded(word, "z".repeat(k % 5)),
      (word) => event(chunk(null, {}, { reasoning_content: word })),
      (word, k) => event({ type: "x.delta", delta: word, sequence_number: k }),
      (word) =>
        `event: content_block_delta\n${event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word } })}`,
      (word, k) => event({ choices: [], usage: usage(k % 3), error: word }),
      () => ": ping\n\n",
      () => event("[DONE]"),
      (word) => event(chunk(word), "\r\n"),
      () => "event: only\n\n",
    ];
    let seed = 7;
    const random = (limit: number) => (seed = (seed * 48271) % 0x7fffffff) % limit;
    for (let round = 0; round < 150; round++) {
      let text = "";
      for (let k = 0, part = 0; k < 12; k++) {
        if (random(3) === 0) part = random(parts.length);
        text += parts[part](words[random(words.length)], k * 7);
      }
      const [whole, kept] = [metered(text, 1), filtered(text, 1)];
      for (const size of [1 << 20, 2 + random(40), 50 + random(300)]) {
        expect(metered(text, size)).toBe(whole);
        expect(filtered(text, size)).toBe(kept);
      }
    }
  });
});
