// The official clients read the list of models that the plugin answers itself, through a real Envoy.
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLab, type Lab } from "../envoy/lab";
import { collect, errorOf } from "./gateway";

const KEY = "gw-alice";
/** More than a page of Gemini's or Anthropic's clients. */
const MANY = Array.from({ length: 70 }, (_, index) => `gpt-${String(index).padStart(2, "0")}`);
const NAMES = ["anthropic/claude-x", "claude-y", ...MANY];
const CONFIG = {
  providers: [
    { id: "a", type: "openai", apiTokens: ["ta"], cluster: "upstream", modelMapping: Object.fromEntries(MANY.map((name) => [name, ""])) },
    { id: "b", type: "claude", apiTokens: ["tb"], cluster: "upstream" },
  ],
  consumers: [{ name: "alice", credential: KEY, models: ["gpt-*", "~claude"] }],
  _rules_: [
    { _match_model_: ["gpt-*"], activeProviderId: "a" },
    { _match_model_: ["anthropic/claude-x", "claude-y", "secret"], activeProviderId: "b" },
  ],
};

/** The provider's own list joins these names. */
const BOTH = {
  provider: { id: "a", type: "openai", apiTokens: ["ta"], modelMapping: { alias: "gpt-4o", "gpt-4o": "" } },
  consumers: [{ name: "alice", credential: KEY, models: ["gpt-*", "alias"] }],
  models: "both",
};

let lab: Lab;
let url: string;
let both: string;
beforeAll(async () => {
  lab = await startLab({ plugins: [{ config: CONFIG }, { config: BOTH }] });
  [url, both] = lab.ports.map((port) => `http://127.0.0.1:${port}`);
});
afterAll(() => lab?.close());

describe("models are listed", () => {
  it("by the openai package", async () => {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 });
    expect((await collect(await client.models.list())).map((model) => model.id)).toEqual(NAMES);
    expect(await client.models.retrieve("claude-y")).toMatchObject({ id: "claude-y", object: "model", owned_by: "claude" });
    expect((await client.models.retrieve("anthropic/claude-x")).id).toBe("anthropic/claude-x");
    const error = await errorOf<InstanceType<typeof OpenAI.APIError>>(client.models.retrieve("secret"));
    expect([error.status, error.code]).toEqual([404, "model_not_found"]);
  });

  it("by the Anthropic package, page by page", async () => {
    const client = new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: 0 });
    expect((await collect(await client.models.list())).map((model) => model.id)).toEqual(NAMES);
    const last = await client.models.list({ before_id: "gpt-69", limit: 2 });
    expect([last.data.map((model) => model.id), last.has_more]).toEqual([["gpt-67", "gpt-68"], true]);
    const model = await client.models.retrieve("anthropic/claude-x");
    expect([model.id, model.type, new Date(model.created_at).getTime()]).toEqual(["anthropic/claude-x", "model", 0]);
    expect(await errorOf(client.models.retrieve("secret"))).toBeInstanceOf(Anthropic.NotFoundError);
  });

  it("by the Google package, page by page", async () => {
    const client = new GoogleGenAI({ apiKey: KEY, vertexai: false, httpOptions: { baseUrl: url } });
    const models = await collect(await client.models.list());
    expect(models.map((model) => model.name)).toEqual(NAMES.map((name) => `models/${name}`));
    expect((await client.models.get({ model: "gpt-07" })).name).toBe("models/gpt-07");
    expect(await errorOf<{ status: number }>(client.models.get({ model: "secret" }))).toMatchObject({ status: 404 });
  });

  it("and nothing of it reaches a provider", () => {
    expect(lab.upstream.seen).toEqual([]);
  });
});

describe("the provider's list and the configuration's", () => {
  const entry = (id: string) => ({ id, object: "model", created: 1_700_000_000, owned_by: "openai" });
  const known = ["alias", "gpt-4o"];
  const all = ["alias", "gpt-3.5", "gpt-4o"];
  const ask = async () => [
    (await collect(await new OpenAI({ apiKey: KEY, baseURL: `${both}/v1`, maxRetries: 0 }).models.list())).map((one) => one.id),
    (await collect(await new Anthropic({ apiKey: KEY, baseURL: both, maxRetries: 0 }).models.list({ limit: 1 }))).map((one) => one.id),
    (await collect(await new GoogleGenAI({ apiKey: KEY, vertexai: false, httpOptions: { baseUrl: both } }).models.list())).map((one) =>
      one.name?.replace("models/", ""),
    ),
  ];

  it("are one list for all three packages, page by page", async () => {
    lab.upstream.reset({ body: { object: "list", data: ["gpt-4o", "gpt-3.5", "o1"].map(entry) } });
    expect(await ask()).toEqual([all, all, all]);
    expect(new Set(lab.upstream.seen.map(({ path }) => path))).toEqual(new Set(["/v1/models"]));
    expect(new Set(lab.upstream.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer ta"]));
  });

  it("are the configuration's alone while the provider fails", async () => {
    lab.upstream.reset({ status: 503, body: { error: { message: "down" } } });
    expect(await ask()).toEqual([known, known, known]);
    lab.upstream.reset({ body: "<html>" });
    expect(await ask()).toEqual([known, known, known]);
  });
});
