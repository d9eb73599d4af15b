// Links: what is shared comes back as it was, and no secret is in it. And the page's writer of Amazon's binary streams.
import { describe, expect, it } from "vitest";
import { REQUESTS, requestOf } from "../../playground/requests";
import { piecesOf } from "../../playground/reply";
import { replyOfCase } from "../../playground/case-setup";
import { redacted } from "../../playground/redact";
import { fragmentOf, readFragment } from "../../playground/share";
import type { Setup } from "../../playground/setup";
import { responseBytes, loadCases } from "../cases/case";

const SECRET = "s3cr3t-Zx81-ypsilon-0042";
const start = { provider: "claude", request: "chat", case: "" };
const plain: Setup = {
  config: "provider:\n  type: claude\n  apiTokens: [made-up]\n",
  request: requestOf(REQUESTS[0]),
  route: "r",
  cluster: "c",
  reply: { status: 200, headers: [["content-type", "application/json"]], body: "{}", ends: "complete" },
};

const serviceAccount = JSON.stringify({ private_key: SECRET, private_key_id: "id", client_email: "a@b.c" });
/** One secret in many spellings and places. */
const configs: Record<string, string> = {
  "a list": `provider: { type: openai, apiTokens: [${SECRET}, "${SECRET}-2"] }`,
  "an escaped text": `provider:\n  type: openai\n  apiTokens: ["${[...SECRET].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join("")}"]`,
  "a folded text": `provider:\n  type: openai\n  apiTokens:\n    - >-\n      ${SECRET}`,
  "an anchor outside": `x-shared: &token ${SECRET}\nprovider: { type: openai, apiTokens: [*token] }`,
  "a comment": `provider:\n  type: openai\n  # apiTokens: [${SECRET}]\n  apiTokens: [other]`,
  "a misspelt key": `provider: { type: openai, apiToken: ${SECRET}, apitokens: [${SECRET}] }`,
  JSON: JSON.stringify({ provider: { type: "bedrock", awsAccessKey: "AKIA", awsSecretKey: SECRET, awsRegion: "r" } }),
  "a service account": `provider: { type: vertex, vertexAuthKey: '${serviceAccount}' }`,
  "a consumer": `consumers: [{ name: a, credential: ${SECRET}, credentials: [${SECRET}] }]\nprovider: { type: openai }`,
  "a WasmPlugin": `apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nspec:\n  defaultConfig:\n    providers: [{ id: a, type: openai, apiTokens: [${SECRET}] }]\n  matchRules: [{ config: { provider: { type: openai, apiTokens: [${SECRET}] } } }]`,
  "JSON inside of YAML": `configuration:\n  "@type": type.googleapis.com/google.protobuf.StringValue\n  value: |\n    {"provider":{"type":"openai","apiTokens":["${SECRET}"]}}`,
  "broken JSON inside of YAML": `value: '{"provider":{"apiTokens":["${SECRET}"'`,
  "no YAML": `provider: {\n  apiTokens: [${SECRET}\nx: "`,
  "a key of a known form": `provider: { type: generic, genericHost: h, customSettings: [{ name: k, value: sk-proj-${SECRET} }] }`,
};

describe("a link", () => {
  it.each(Object.entries(configs))("has no secret of %s", async (_kind, config) => {
    const request = {
      ...plain.request,
      path: `/v1/chat/completions?key=${SECRET}&x=1`,
      headers: [
        ["authorization", `Bearer ${SECRET}`],
        ["x-api-key", SECRET],
        ["cookie", `a=${SECRET}`],
      ] as [string, string][],
    };
    const setup = { ...plain, config, request };
    expect(JSON.stringify(redacted(setup))).not.toContain(SECRET);
    const { fragment, notes } = await fragmentOf(start, setup, plain);
    expect(notes.length).toBeGreaterThan(0);
    expect(JSON.stringify(await readFragment(fragment))).not.toContain(SECRET);
  });

  it("masks a known secret in bodies too, and equal secrets alike", () => {
    const config = `consumers: [{ name: a, credential: ${SECRET} }]\nprovider: { type: openai, apiTokens: [tok-1234567] }`;
    const setup = {
      ...plain,
      config,
      request: { ...plain.request, headers: [["authorization", `Bearer ${SECRET}`]] as [string, string][] },
    };
    setup.reply = { ...plain.reply, body: `{"error":"bad key ${SECRET} or tok-1234567"}` };
    const { setup: clean } = redacted(setup);
    expect(clean.config).toContain("credential: masked-1");
    expect(clean.request.headers).toEqual([["authorization", "Bearer masked-1"]]);
    expect(clean.reply.body).toBe('{"error":"bad key masked-1 or masked-2"}');
  });

  it("keeps what is no secret, and the names of variables", () => {
    const config = 'provider:\n  type: openai\n  apiTokens: ["${OPENAI_KEY}"]\n  modelMapping: { "gpt-*": "key-mapping", "*": "" }\n';
    const { setup, notes } = redacted({ ...plain, config });
    expect(setup.config).toContain("${OPENAI_KEY}");
    expect(setup.config).toContain("gpt-*: key-mapping");
    expect(setup.request).toEqual(plain.request);
    expect(notes).toEqual([]);
  });

  it("says that a configuration which cannot be read is left out", async () => {
    const { notes } = await fragmentOf(start, { ...plain, config: "provider: {" }, plain);
    expect(notes.join(" ")).toContain("does not contain the configuration");
  });

  it("brings back what differs from the example, and nothing else", async () => {
    const same = await fragmentOf(start, plain, plain);
    expect(same).toEqual({ fragment: "provider=claude&request=chat", notes: [] });
    const changed = { ...plain, route: "é漢", reply: { ...plain.reply, status: 429, body: '{"a":"漢\\r\\n"}\r\n' } };
    const { fragment } = await fragmentOf(start, changed, plain);
    expect(fragment).toMatch(/^[\x21-\x7e]+$/);
    expect(await readFragment(`#${fragment}`)).toEqual({ start, changes: { route: "é漢", reply: changed.reply } });
  });

  it.each(["", "x=1", "provider=claude&changes=!!!", "provider=claude&changes=AAAA", `provider=a&changes=${"A".repeat(5000)}`])(
    "that is none of ours changes nothing: %s",
    async (fragment) => {
      expect((await readFragment(fragment))?.changes ?? {}).toEqual({});
    },
  );

  it("takes nothing of a wrong type", async () => {
    const wrong = { ...plain, route: 7, request: { path: 1 }, reply: { ...plain.reply, status: 10 } } as unknown as Setup;
    const { changes } = (await readFragment((await fragmentOf(start, { ...wrong, request: plain.request }, plain)).fragment))!;
    expect(changes).toEqual({});
  });

  it("does not unfold without an end", async () => {
    const { fragment } = await fragmentOf(start, { ...plain, route: "x".repeat(3_000_000) }, plain);
    expect(fragment.length).toBeLessThan(10_000);
    expect((await readFragment(fragment))?.changes).toEqual({});
  });
});

describe("binary event streams", () => {
  const binary = loadCases().filter((one) => one.provider?.awsEvents !== undefined);

  it.each(binary.map((one) => [one.name, one] as const))("are written as Amazon does: %s", (_name, one) => {
    const pieces = piecesOf(replyOfCase(one));
    expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(responseBytes(one));
  });

  it("name the line that is none", () => {
    const headers: [string, string][] = [["content-type", "application/vnd.amazon.eventstream"]];
    const reply = { ...plain.reply, headers, body: '{"type":"a","data":{}}\n\n{"type":1}\n' };
    expect(() => piecesOf(reply)).toThrow("line 3 of the response");
  });
});
