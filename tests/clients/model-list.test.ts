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

let lab: Lab;
let url: string;
beforeAll(async () => {
  lab = await startLab({ plugins: [{ config: CONFIG }] });
  url = `http://127.0.0.1:${lab.ports[0]}`;
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
