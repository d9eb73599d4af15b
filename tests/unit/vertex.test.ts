// Vertex AI: wire forms, Claude and Gemini behind one translator, embeddings, and Google's tokens.
import { createVerify, type KeyObject } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { generate, pkcs1, pkcs8 } from "./rsa-support";
import { loadUnits, type Units } from "./units";

let units: Units;
let key: { publicKey: KeyObject; privateKey: KeyObject };
beforeAll(() => {
  units = loadUnits("vertex");
  key = generate(2048);
}, 90_000);

type Input = string | Uint8Array | number | bigint;
const raw = (name: string, ...inputs: Input[]) =>
  (units.exports[name] as (...args: (number | bigint)[]) => number)(
    ...inputs.map((input) => (typeof input === "string" || input instanceof Uint8Array ? units.put(input) : input)),
  );
const call = (name: string, ...inputs: Input[]) => units.text(raw(name, ...inputs));

interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  embeddings?: boolean;
  project?: string;
  region?: string;
}
const GEMINI = "gemini-2.5-flash";
const CLAUDE = "claude-sonnet-4-5@20250929";
const EXPRESS = { project: "", region: "" };

const begin = (o: Options = {}) => {
  const flags = (o.stream ? 1 : 0) | (o.usage ? 2 : 0) | (o.embeddings ? 4 : 0);
  raw("begin", flags, o.model ?? GEMINI, o.project ?? "my-project", o.region ?? "us-central1");
};
/** Input, output, model, id: what the logs are told. */
const told = () => [...call("usage").split(",").slice(0, 2), ...call("seen").split("|")].join(",");
const pathOf = (options: Options) => {
  begin(options);
  return call("path");
};
const text = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));
const requestText = (body: object, options: Options = {}) => {
  begin(options);
  return call(
    "request",
    text({ model: "client", ...(options.embeddings ? {} : { messages: [{ role: "user", content: "ping" }] }), ...body }),
  );
};
const request = (body: object, options: Options = {}) => {
  const out = requestText(body, options);
  if (out.startsWith("!")) throw new Error(`refused ${out}`);
  return JSON.parse(out);
};
const refusal = (body: object, options: Options = {}) => {
  const out = requestText(body, options);
  expect(out[0]).toBe("!");
  const [param, problem] = out.slice(1).split("|");
  expect(problem).toMatch(/^[A-Za-z_].{10,}\.$/);
  return param;
};
const response = (body: unknown, options: Options = {}) => {
  begin(options);
  const out = call("response", text(body));
  if (out === "!") throw new Error("not understood");
  return JSON.parse(out);
};
const errorOf = (status: number, body: unknown, options: Options = {}) => {
  begin(options);
  return JSON.parse(call("error", status, text(body))).error;
};

describe("paths", () => {
  const AT = "/v1/projects/my-project/locations/us-central1/publishers";
  it("name project, region, publisher, model and method", () => {
    expect(pathOf({})).toBe(`${AT}/google/models/gemini-2.5-flash:generateContent`);
    expect(pathOf({ stream: true })).toBe(`${AT}/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`);
    expect(pathOf({ model: CLAUDE })).toBe(`${AT}/anthropic/models/${CLAUDE}:rawPredict`);
    expect(pathOf({ model: CLAUDE, stream: true })).toBe(`${AT}/anthropic/models/${CLAUDE}:streamRawPredict`);
    expect(pathOf({ model: "text-embedding-005", embeddings: true })).toBe(`${AT}/google/models/text-embedding-005:predict`);
    expect(pathOf({ model: "gemini-embedding-001", embeddings: true })).toBe(`${AT}/google/models/gemini-embedding-001:predict`);
    expect(pathOf({ model: "gemini-embedding-2", embeddings: true })).toBe(`${AT}/google/models/gemini-embedding-2:embedContent`);
  });

  it("have neither project nor region in express mode", () => {
    expect(pathOf(EXPRESS)).toBe("/v1/publishers/google/models/gemini-2.5-flash:generateContent");
    expect(pathOf({ ...EXPRESS, stream: true })).toBe("/v1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    expect(pathOf({ ...EXPRESS, model: CLAUDE })).toBe(`/v1/publishers/anthropic/models/${CLAUDE}:rawPredict`);
  });

  it("understand the spellings of a model's name", () => {
    for (const model of ["google/gemini-x", "models/gemini-x", "publishers/google/models/gemini-x"]) {
      expect(pathOf({ model })).toBe(`${AT}/google/models/gemini-x:generateContent`);
    }
    for (const model of ["anthropic/claude-x", "publishers/anthropic/models/claude-x"]) {
      expect(pathOf({ model })).toBe(`${AT}/anthropic/models/claude-x:rawPredict`);
    }
    expect(pathOf({ model: "endpoints/4711" })).toBe("/v1/projects/my-project/locations/us-central1/endpoints/4711:generateContent");
  });

  it("keep what a client calls a model inside its segment", () => {
    expect(pathOf({ model: "a?b#c d%2f:e" })).toBe(`${AT}/google/models/a%3Fb%23c%20d%252f%3Ae:generateContent`);
    expect(pathOf({ model: "claude@x@y?z" })).toBe(`${AT}/anthropic/models/claude@x%40y%3Fz:rawPredict`);
    expect(pathOf({ model: "../../x" })).toBe(`${AT}/google/models/x:generateContent`);
    expect(pathOf({ model: "" })).toBe(`${AT}/google/models/:generateContent`);
  });

  it("lead to the region's host", () => {
    const hosts = {
      "us-central1": "us-central1-aiplatform.googleapis.com",
      global: "aiplatform.googleapis.com",
      "": "aiplatform.googleapis.com",
      us: "aiplatform.us.rep.googleapis.com",
      eu: "aiplatform.eu.rep.googleapis.com",
    };
    for (const [region, host] of Object.entries(hosts)) expect(call("hostOf", region)).toBe(host);
  });

  it("lead to the OpenAI-compatible endpoint, which wants the model's publisher", () => {
    begin();
    expect(call("chatPath")).toBe("/v1/projects/my-project/locations/us-central1/endpoints/openapi/chat/completions");
    expect(call("chatModel", "gemini-2.5-pro")).toBe("google/gemini-2.5-pro");
    expect(call("chatModel", "meta/llama-4")).toBe("meta/llama-4");
  });

  it("tell Claude from all others", () => {
    for (const model of ["claude-x", "anthropic/claude-x", "Claude-X"]) expect(raw("claude", model), model).toBe(1);
    for (const model of ["gemini-x", "my-claude", "", "claude/gemini"]) expect(raw("claude", model), model).toBe(0);
  });
});

const GEMINI_RESPONSE = {
  candidates: [{ content: { role: "model", parts: [{ text: "pong" }] }, finishReason: "STOP" }],
  usageMetadata: { promptTokenCount: 6, candidatesTokenCount: 2, totalTokenCount: 8, trafficType: "ON_DEMAND" },
  modelVersion: "gemini-up",
  createTime: "2026-11-01T00:00:00Z",
  responseId: "g-1",
};
const CLAUDE_RESPONSE = {
  id: "msg_vrtx_1",
  type: "message",
  role: "assistant",
  model: "claude-up",
  content: [{ type: "text", text: "pong" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 5, output_tokens: 3 },
};

describe("Gemini on Vertex", () => {
  it("gets Gemini's body", () => {
    const body = request({
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
      ],
      temperature: 0.5,
    });
    expect(body).toEqual({
      contents: [{ role: "user", parts: [{ text: "u" }] }],
      system_instruction: { parts: [{ text: "s" }] },
      generationConfig: { temperature: 0.5 },
    });
  });

  it("answers as OpenAI does", () => {
    const reply = response(GEMINI_RESPONSE);
    expect(reply).toMatchObject({
      object: "chat.completion",
      id: "g-1",
      model: "gemini-up",
      usage: { prompt_tokens: 6, completion_tokens: 2, total_tokens: 8 },
    });
    expect(reply.choices).toMatchObject([{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "pong" } }]);
    expect(told()).toBe("6,2,gemini-up,g-1");
  });

  it("passes refusals of the body on", () => {
    expect(refusal({ messages: [] })).toBe("messages");
    begin();
    expect(call("response", "{}")).toBe("!");
  });
});

describe("Claude on Vertex", () => {
  it("gets Anthropic's body with anthropic_version and without a model", () => {
    const body = request({ max_tokens: 9 }, { model: CLAUDE });
    expect(body).toEqual({ anthropic_version: "vertex-2023-10-16", max_tokens: 9, messages: [{ role: "user", content: "ping" }] });
    expect(request({}, { model: CLAUDE, stream: true })).toMatchObject({ anthropic_version: "vertex-2023-10-16", stream: true });
    expect(request({}, { model: CLAUDE, stream: true })).not.toHaveProperty("model");
  });

  it("answers as OpenAI does", () => {
    const reply = response(CLAUDE_RESPONSE, { model: CLAUDE });
    expect(reply).toMatchObject({
      id: "msg_vrtx_1",
      model: "claude-up",
      usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
    });
    expect(reply.choices).toMatchObject([{ finish_reason: "stop", message: { content: "pong" } }]);
    expect(told()).toBe("5,3,claude-up,msg_vrtx_1");
  });

  it("passes refusals of the body on", () => {
    expect(refusal({ messages: [] }, { model: CLAUDE })).toBe("messages");
  });
});

describe("errors", () => {
  const google = { error: { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED" } };
  it("of Google are told in OpenAI's form, for Claude's models too", () => {
    for (const model of [GEMINI, CLAUDE]) {
      expect(errorOf(429, google, { model })).toMatchObject({
        message: "Quota exceeded.",
        type: "rate_limit_error",
        code: "rate_limit_exceeded",
      });
      expect(errorOf(404, [{ error: { code: 404, message: "No model." } }], { model })).toMatchObject({
        message: "No model.",
        type: "not_found_error",
      });
      expect(errorOf(502, "<html>", { model }).message).toContain("<html>");
    }
    expect(errorOf(400, google, { embeddings: true })).toMatchObject({ message: "Quota exceeded." });
  });

  it("of Anthropic are told in OpenAI's form", () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_vrtx_1" };
    expect(errorOf(529, body, { model: CLAUDE })).toMatchObject({ message: "Overloaded", type: "overloaded_error" });
  });
});

const geminiEvents = [
  { candidates: [{ content: { role: "model", parts: [{ text: "po" }] } }], responseId: "g-1", modelVersion: "gemini-up" },
  { ...GEMINI_RESPONSE, candidates: [{ content: { role: "model", parts: [{ text: "ng" }] }, finishReason: "STOP" }] },
];
const claudeEvents: [string, object | string][] = [
  ["vertex_event", { type: "vertex_event", error: "not one" }],
  [
    "message_start",
    {
      type: "message_start",
      message: { ...CLAUDE_RESPONSE, content: [], stop_reason: null, usage: { input_tokens: 5, output_tokens: 1 } },
    },
  ],
  ["content_block_start", { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
  ["vertex_event", "no JSON"],
  ["ping", { type: "ping" }],
  ["content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "po" } }],
  ["content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ng" } }],
  ["content_block_stop", { type: "content_block_stop", index: 0 }],
  ["message_delta", { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } }],
  ["message_stop", { type: "message_stop" }],
];
const geminiBytes = (events: object[] = geminiEvents) => events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join("");
const claudeBytes = (events = claudeEvents) => events.map(([name, data]) => `event: ${name}\ndata: ${text(data)}\n\n`).join("");
const streamText = (bytes: string | Uint8Array, options: Options, size = 1 << 20) => {
  begin({ stream: true, usage: true, ...options });
  return call("stream", bytes, size);
};
const parse = (out: string) => {
  const blocks = out.split("\n\n").slice(0, -1);
  expect(blocks.pop()).toBe("data: [DONE]");
  return blocks.map((block) => JSON.parse(block.slice(6)));
};

describe("streams", () => {
  const kinds = [
    { model: GEMINI, bytes: geminiBytes(), cut: geminiBytes(geminiEvents.slice(0, 1)), id: "g-1", seen: "6,2,gemini-up,g-1" },
    { model: CLAUDE, bytes: claudeBytes(), cut: claudeBytes(claudeEvents.slice(0, 6)), id: "msg_vrtx_1", seen: "5,3,claude-up,msg_vrtx_1" },
  ];

  it.each(kinds)("of $model become OpenAI's chunks", ({ model, bytes, id, seen }) => {
    const chunks = parse(streamText(bytes, { model }));
    expect(
      chunks
        .flatMap((chunk) => chunk.choices ?? [])
        .map((choice: any) => choice.delta.content ?? "")
        .join(""),
    ).toBe("pong");
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set([id]));
    expect(
      chunks
        .flatMap((chunk) => chunk.choices)
        .map((choice: any) => choice.finish_reason)
        .filter(Boolean),
    ).toEqual(["stop"]);
    expect(chunks.at(-1).usage.total_tokens).toBe(8);
    expect(told()).toBe(seen);
  });

  it.each(kinds)("of $model are the same in pieces of any size", ({ model, bytes }) => {
    const whole = streamText(bytes, { model });
    for (let size = 1; size < 120; size++) expect(streamText(bytes, { model }, size), String(size)).toBe(whole);
  });

  it.each(kinds)("of $model that break off end with an error", ({ model, cut }) => {
    const chunks = parse(streamText(cut, { model }));
    expect(chunks.at(-1).error.code).toBe("stream_truncated");
    expect(chunks.some((chunk) => chunk.choices?.[0]?.delta.content === "po")).toBe(true);
  });

  it("of Claude may hold an error", () => {
    const error: [string, object] = ["error", { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }];
    const chunks = parse(streamText(claudeBytes([...claudeEvents.slice(0, 6), error]), { model: CLAUDE }));
    expect(chunks.at(-1).error).toMatchObject({ message: "Overloaded", type: "overloaded_error" });
  });
});

describe("embeddings", () => {
  const E = { embeddings: true, model: "text-embedding-005" };
  const ONE = { embeddings: true, model: "google/gemini-embedding-2-preview" };

  it("become instances and parameters of predict", () => {
    expect(request({ input: "a\u00e9\n" }, E)).toEqual({ instances: [{ content: "aé\n" }], parameters: {} });
    const body = { input: ["a", "b"], dimensions: 256, task_type: "RETRIEVAL_DOCUMENT", title: "T", auto_truncate: false };
    const also = { task_type: "RETRIEVAL_DOCUMENT", title: "T" };
    expect(request(body, E)).toEqual({
      instances: [
        { content: "a", ...also },
        { content: "b", ...also },
      ],
      parameters: { outputDimensionality: 256, autoTruncate: false },
    });
    expect(request({ input: ["a"], task_type: null, user: "u" }, { ...E, model: "gemini-embedding-001" })).toEqual({
      instances: [{ content: "a" }],
      parameters: {},
    });
  });

  it("become embedContent for models that have no predict", () => {
    expect(request({ input: ["a"], dimensions: 8, task_type: "CLUSTERING" }, ONE)).toEqual({
      content: { parts: [{ text: "a" }] },
      embedContentConfig: { taskType: "CLUSTERING", outputDimensionality: 8 },
    });
    expect(refusal({ input: ["a", "b"] }, ONE)).toBe("input");
  });

  it("of anything but texts are refused", () => {
    for (const input of [[], {}, 1, undefined]) expect(refusal({ input }, E)).toBe("input");
    expect(refusal({ input: ["a", 5] }, E)).toBe("input[1]");
    expect(refusal({ input: [[1, 2]] }, E)).toBe("input[0]");
  });

  it("answer as OpenAI's do, tokens summed up", () => {
    const prediction = (values: number[], token_count: number) => ({
      embeddings: { values, statistics: { token_count, truncated: false } },
    });
    expect(
      response({ predictions: [prediction([0.5, -1e-3], 4), prediction([2], 3)], metadata: { billableCharacterCount: 9 } }, E),
    ).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.5, -1e-3] },
        { object: "embedding", index: 1, embedding: [2] },
      ],
      model: "text-embedding-005",
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
    expect(told()).toBe("7,-1,text-embedding-005,");
    expect(response({ embedding: { values: [1] }, usageMetadata: { promptTokenCount: 5 } }, ONE)).toMatchObject({
      data: [{ embedding: [1] }],
      usage: { prompt_tokens: 5 },
    });
    expect(response({ predictions: [{ embeddings: { values: [1] } }] }, E).usage).toEqual({ prompt_tokens: 0, total_tokens: 0 });
    for (const body of ["", "[]", "{}", '{"predictions":{}}', '{"error":{"code":400}}']) {
      begin(E);
      expect(call("response", body)).toBe("!");
    }
  });

  it("are packed as base64 when the client asks for it", () => {
    request({ input: "a", encoding_format: "base64" }, E);
    const reply = JSON.parse(call("response", text({ predictions: [{ embeddings: { values: [0.5, -2] } }] })));
    const bytes = Buffer.from(reply.data[0].embedding, "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0.5, -2]);
  });
});

const keyFile = (change: object = {}) => ({
  type: "service_account",
  project_id: "p",
  private_key_id: "kid-1",
  private_key: pkcs8(key.privateKey),
  client_email: "bot@p.iam.gserviceaccount.com",
  client_id: "1",
  auth_uri: "https://accounts.google.com/o/oauth2/auth",
  token_uri: "https://oauth2.googleapis.com/token",
  ...change,
});
const readAccount = (file: unknown) => call("readAccount", text(file));

describe("the service account", () => {
  const NOW = 1_700_000_000n;
  const claims = (form: string, publicKey = key.publicKey) => {
    const fields = new URLSearchParams(form);
    expect([...fields.keys()]).toEqual(["grant_type", "assertion"]);
    expect(fields.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const parts = fields.get("assertion")!.split(".");
    expect(parts.length).toBe(3);
    expect(parts.join("")).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(createVerify("RSA-SHA256").update(`${parts[0]}.${parts[1]}`).verify(publicKey, parts[2], "base64url")).toBe(true);
    return parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  };

  it("signs the assertion that Google asks for", () => {
    expect(readAccount(keyFile())).toBe("https://oauth2.googleapis.com/token|");
    const [header, body] = claims(call("form", NOW));
    expect(header).toEqual({ alg: "RS256", typ: "JWT", kid: "kid-1" });
    expect(body).toEqual({
      iss: "bot@p.iam.gserviceaccount.com",
      scope: "https://www.googleapis.com/auth/cloud-platform",
      aud: "https://oauth2.googleapis.com/token",
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    });
  });

  it.each([2048, 3072, 4096])(
    "signs with a key of %d bits, in both forms",
    (bits) => {
      const { privateKey, publicKey } = generate(bits);
      for (const private_key of [pkcs8(privateKey), pkcs1(privateKey)]) {
        expect(readAccount(keyFile({ private_key })).split("|")[1]).toBe("");
        claims(call("form", NOW), publicKey);
      }
    },
    60_000,
  );

  it("signs what it was told, escapes and all", () => {
    readAccount(
      JSON.stringify(keyFile({ client_email: 'a"b\\é\n', private_key_id: 'k"1', token_uri: "https://t/\u2028" })).replace(
        "bot",
        "\\u0062ot",
      ),
    );
    const [header, body] = claims(call("form", NOW));
    expect(header.kid).toBe('k"1');
    expect(body).toMatchObject({ iss: 'a"b\\é\n', aud: "https://t/\u2028" });
    readAccount(keyFile({ private_key_id: undefined }));
    expect(claims(call("form", NOW))[0]).toEqual({ alg: "RS256", typ: "JWT" });
  });

  it("says what is wrong with it, and then signs nothing", () => {
    const problems: [unknown, RegExp][] = [
      ["", /no unencrypted private key/],
      ["{", /no unencrypted private key/],
      ["[]", /no unencrypted private key/],
      [keyFile({ private_key: 5 }), /no unencrypted private key/],
      [keyFile({ private_key: "x" }), /no unencrypted private key/],
      [keyFile({ private_key: pkcs8(key.privateKey).replace("MII", "AII") }), /no RSA key/],
      [keyFile({ private_key: pkcs8(generate(1016).privateKey) }), /1024 to 4096 bits/],
      [keyFile({ client_email: undefined }), /lacks client_email or token_uri/],
      [keyFile({ token_uri: "" }), /lacks client_email or token_uri/],
    ];
    for (const [file, problem] of problems) {
      expect(readAccount(file)).toMatch(problem);
      expect(call("form", NOW)).toMatch(/^!./);
    }
  });

  it("does not trap for 3,000 damaged key files, and signs with none wrongly", () => {
    const small = generate(1024);
    const whole = Buffer.from(text(keyFile({ private_key: pkcs8(small.privateKey) })));
    let signed = 0;
    for (let round = 0; round < 3000; round++) {
      readAccount(mutate(whole, round).toString("latin1"));
      const form = call("form", NOW);
      if (!form.startsWith("!")) {
        signed++;
        const [head, body, signature] = form.slice(form.indexOf("assertion=") + 10).split(".");
        expect(createVerify("RSA-SHA256").update(`${head}.${body}`).verify(small.publicKey, signature, "base64url")).toBe(true);
      }
      if (round % 200 === 0) units.exports.collect();
    }
    expect(signed).toBeGreaterThan(100);
    expect(signed).toBeLessThan(2500);
  }, 120_000);
});

describe("the access token", () => {
  const NOW = 1_000_000n;
  const take = (status: number, body: unknown, now = NOW) => call("takeToken", status, text(body), now).split("|");
  const reply = (change: object = {}) => ({ access_token: "ya29.c.b0Aa_x-1....", expires_in: 3599, token_type: "Bearer", ...change });
  const fresh = (now: number | bigint) => [raw("isFresh", BigInt(now)), raw("isValid", BigInt(now))];
  const start = (refreshAhead = 60n) => void raw("newToken", refreshAhead);

  it("is fresh until shortly before its end", () => {
    start();
    expect(fresh(0)).toEqual([0, 0]);
    expect(take(200, reply())).toEqual(["true", "Bearer ya29.c.b0Aa_x-1....", "1003599", ""]);
    expect(fresh(NOW)).toEqual([1, 1]);
    expect(fresh(NOW + 3538n)).toEqual([1, 1]);
    expect(fresh(NOW + 3539n)).toEqual([0, 1]);
    expect(fresh(NOW + 3598n)).toEqual([0, 1]);
    expect(fresh(NOW + 3599n)).toEqual([0, 0]);
    raw("clearToken");
    expect(fresh(NOW)).toEqual([0, 0]);
  });

  it("is used for half its life at least, whatever refreshAhead says", () => {
    start(3600n);
    take(200, reply({ expires_in: 600 }));
    expect(fresh(NOW + 299n)).toEqual([1, 1]);
    expect(fresh(NOW + 300n)).toEqual([0, 1]);
  });

  it("has a life that no response can make endless or negative", () => {
    start();
    for (const [expires_in, end] of [
      [undefined, 3600],
      [1e15, 86400],
      ["3599", 3600],
      [0, 0],
      [-5, 3600],
      [1.5, 3600],
      [null, 3600],
    ] as const) {
      expect(take(200, reply({ expires_in }))[2], String(expires_in)).toBe(String(NOW + BigInt(end)));
    }
  });

  it("that cannot stand in a header is refused", () => {
    start();
    for (const access_token of ["", "a b", "a\r\nx: y", "é", "a\u0000", 5, null, undefined])
      expect(take(200, reply({ access_token }))[0]).toBe("false");
    for (const body of ["", "[]", "null", "{", '"x"']) expect(take(200, body)).toEqual(["false", "Bearer ", "0", "status 200"]);
    expect(take(500, reply())[0]).toBe("false");
  });

  it("stays when its replacement fails, and the failure is told in the endpoint's words", () => {
    start();
    take(200, reply());
    const refused = { error: "invalid_grant", error_description: "Invalid JWT Signature." };
    expect(take(400, refused, NOW + 9n)).toEqual([
      "false",
      "Bearer ya29.c.b0Aa_x-1....",
      "1003599",
      "status 400: invalid_grant: Invalid JWT Signature.",
    ]);
    expect(fresh(NOW + 9n)).toEqual([1, 1]);
    expect(take(403, { error: { code: 403, message: "No.\n\u00e9", status: "PERMISSION_DENIED" } })[3]).toBe(
      "status 403: PERMISSION_DENIED: No.???",
    );
    expect(take(0, "")[3]).toBe("status 0");
    expect(take(400, { error: "x".repeat(9999) })[3].length).toBeLessThan(300);
    expect(take(200, reply())[3]).toBe("");
  });

  it("does not trap for 3,000 damaged responses", () => {
    const whole = Buffer.from(text({ ...reply(), error: "e", error_description: "d" }));
    start();
    for (let round = 0; round < 3000; round++) {
      const [taken, header] = take(200, mutate(whole, round).toString("latin1"));
      if (taken === "true") expect(header).toMatch(/^Bearer [!-~]+$/);
      if (round % 500 === 0) units.exports.collect();
    }
  });
});

/** Bytes changed, removed or doubled in one to four places, the same for the same round. */
function mutate(bytes: Buffer, round: number): Buffer {
  let random = round * 2654435761 + 1;
  const next = (below: number) => (random = (Math.imul(random, 1103515245) + 12345) >>> 1) % below;
  let out = Buffer.from(bytes);
  for (let k = next(4); k >= 0; k--) {
    const at = next(out.length || 1);
    const how = next(6);
    if (how < 3) out[at] = how === 0 ? next(256) : '{}[]",:\\0-1e'.charCodeAt(next(12));
    else if (how === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(at + next(20))]);
    else if (how === 4) out = Buffer.concat([out.subarray(0, at), out.subarray(next(out.length || 1), at + 1), out.subarray(at)]);
    else if (next(4) === 0) out = out.subarray(0, at);
  }
  return out;
}

describe("damaged bytes", () => {
  it("neither trap nor leave a stream without its end, 3,000 times", () => {
    const chat = Buffer.from(
      text({
        model: "m",
        messages: [{ role: "user", content: [{ type: "text", text: "x" }] }],
        tools: [{ type: "function", function: { name: "f", parameters: {} } }],
      }),
    );
    const embed = Buffer.from(text({ model: "m", input: ["a", "b"], dimensions: 5, task_type: "X", encoding_format: "base64" }));
    const predictions = Buffer.from(
      text({ predictions: [{ embeddings: { values: [1, 2.5e3], statistics: { token_count: 3 } } }], embedding: { values: [1] } }),
    );
    for (let round = 0; round < 3000; round++) {
      const model = [GEMINI, CLAUDE, "text-embedding-005", "gemini-embedding-2"][round % 4];
      begin({ model, embeddings: round % 4 > 1, stream: true, usage: true });
      const body = call("request", mutate(round % 4 > 1 ? embed : chat, round));
      expect(body[0]).toMatch(/[{!]/);
      call("path");
      const responses = [GEMINI_RESPONSE, CLAUDE_RESPONSE].map((reply) => Buffer.from(text(reply)));
      const reply = call("response", mutate(responses[round % 4] ?? predictions, round));
      if (reply !== "!" && round % 4 > 1) expect(JSON.parse(reply).object).toBe("list");
      JSON.parse(call("error", 500, mutate(responses[round % 2], round)));
      if (round % 4 < 2) {
        begin({ model, stream: true, usage: true });
        const out = call("stream", mutate(Buffer.from(round % 4 ? claudeBytes() : geminiBytes()), round), 1 + (round % 97));
        expect(out.endsWith("data: [DONE]\n\n")).toBe(true);
      }
      if (round % 200 === 0) units.exports.collect();
    }
  }, 120_000);
});
