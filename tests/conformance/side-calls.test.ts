// What the plugin fetches by itself before a request can go on: Google's access token and the context file.
import { generateKeyPairSync, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { PLUGIN_PATH } from "../../emulator/module";

const wasm = readFileSync(PLUGIN_PATH);
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const serviceAccount = {
  client_email: "gateway@project-1.iam.gserviceaccount.com",
  private_key_id: "key-1",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  token_uri: "https://oauth2.googleapis.com/token",
};
const vertex = {
  type: "vertex",
  vertexAuthKey: JSON.stringify(serviceAccount),
  vertexRegion: "us-central1",
  vertexProjectId: "project-1",
  vertexAuthServiceName: "google-auth",
};
const gemini = {
  responseId: "r-1",
  modelVersion: "gemini-2.5-flash",
  candidates: [{ content: { role: "model", parts: [{ text: "pong" }] }, finishReason: "STOP" }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
};

async function start(provider: object, clusters?: string[]) {
  const host = await Host.load(wasm, { clusters });
  const plugin = host.configure(JSON.stringify({ provider }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

function chat(plugin: Awaited<ReturnType<typeof start>>["plugin"], model = "gemini-2.5-flash") {
  return plugin.exchange({
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization: "Bearer client-key" },
    body: JSON.stringify({
      model,
      messages: [
        { role: "system", content: "S" },
        { role: "user", content: "ping" },
      ],
    }),
  });
}

const token = (value: string, seconds = 3600) => ({
  headers: { ":status": "200", "content-type": "application/json" },
  body: JSON.stringify({ access_token: value, expires_in: seconds, token_type: "Bearer" }),
});

describe("Google's access token", () => {
  it("is fetched once for all requests that wait, with an assertion that the key has signed", async () => {
    const { host, plugin } = await start(vertex);
    const first = chat(plugin);
    const second = chat(plugin);
    expect([first.upstream, second.upstream]).toEqual([null, null]);
    expect(host.pendingCalls).toHaveLength(1);
    const [call] = host.pendingCalls;
    expect(call.cluster).toBe("google-auth");
    const form = new URLSearchParams(new TextDecoder().decode(call.body));
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [head, claims, signature] = form.get("assertion")!.split(".");
    expect(JSON.parse(Buffer.from(head, "base64url").toString())).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      iss: serviceAccount.client_email,
      aud: serviceAccount.token_uri,
      scope: "https://www.googleapis.com/auth/cloud-platform",
    });
    expect(verify("sha256", Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, "base64url"))).toBe(true);

    host.respondToCall(call.id, token("ya29.one"));
    for (const exchange of [first, second]) {
      expect(exchange.upstream?.headers).toMatchObject({
        authorization: "Bearer ya29.one",
        ":authority": "us-central1-aiplatform.googleapis.com",
        ":path": "/v1/projects/project-1/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent",
      });
      exchange.respond({ status: 200, headers: { "content-type": "application/json" }, chunks: [JSON.stringify(gemini)] });
      exchange.finish();
    }
    const third = chat(plugin);
    expect(third.upstream?.headers.authorization).toBe("Bearer ya29.one");
    expect(host.pendingCalls).toHaveLength(0);
    expect(host.violations).toEqual([]);
  });

  it("is replaced in the background shortly before its end", async () => {
    const { host, plugin } = await start(vertex);
    chat(plugin);
    host.respondToCall(host.pendingCalls[0].id, token("ya29.one"));
    host.clock.advance!(3550_000);
    expect(chat(plugin).upstream?.headers.authorization).toBe("Bearer ya29.one");
    expect(host.pendingCalls).toHaveLength(1);
    host.respondToCall(host.pendingCalls[0].id, token("ya29.two"));
    expect(chat(plugin).upstream?.headers.authorization).toBe("Bearer ya29.two");
  });

  it.each([
    [
      "the endpoint refuses",
      (host: Host) => host.respondToCall(host.pendingCalls[0].id, { headers: { ":status": "400" }, body: '{"error":"invalid_grant"}' }),
    ],
    ["the endpoint cannot be reached", (host: Host) => host.failCall(host.pendingCalls[0].id)],
  ])("is missing when %s: every waiting request is answered 503", async (_why, end) => {
    const { host, plugin } = await start(vertex);
    const waiting = [chat(plugin), chat(plugin)];
    end(host);
    for (const exchange of waiting) {
      expect(exchange.localReply?.status).toBe(503);
      expect(exchange.localReply?.text).toContain("no_access_token");
    }
    expect(host.logs.map((line) => line.text).join("\n")).not.toContain("PRIVATE KEY");
    expect(host.violations).toEqual([]);
  });

  it("is refused at once when the gateway has no such cluster", async () => {
    const { host, plugin } = await start(vertex, ["other"]);
    expect(chat(plugin).localReply?.status).toBe(503);
    expect(host.logs.some((line) => line.text.includes("vertexAuthServiceName"))).toBe(true);
  });

  it("is found under Higress's name of a service, too", async () => {
    const { host, plugin } = await start({ ...vertex, vertexAuthServiceName: "auth.dns" }, ["outbound|443||auth.dns"]);
    const exchange = chat(plugin);
    host.respondToCall(host.pendingCalls[0].id, token("ya29.one"));
    expect(exchange.upstream?.headers.authorization).toBe("Bearer ya29.one");
  });

  it("does not disturb a request whose client has gone", async () => {
    const { host, plugin } = await start(vertex);
    const gone = chat(plugin);
    const stays = chat(plugin);
    gone.abort();
    gone.finish();
    host.respondToCall(host.pendingCalls[0].id, token("ya29.one"));
    expect(stays.upstream?.headers.authorization).toBe("Bearer ya29.one");
    expect(host.violations).toEqual([]);
    expect(host.traps).toEqual([]);
  });
});

describe("the context file", () => {
  const provider = {
    type: "openai",
    apiTokens: ["sk-1"],
    context: { fileUrl: "http://files.test/context.txt", serviceName: "files", servicePort: 80 },
  };

  it("joins every chat after the client's own system messages", async () => {
    const { host, plugin } = await start(provider);
    const held = chat(plugin, "gpt-4o");
    expect(held.upstream).toBeNull();
    host.respondToCall(host.pendingCalls[0].id, { headers: { ":status": "200" }, body: 'Answer "briefly".' });
    for (const exchange of [held, chat(plugin, "gpt-4o")]) {
      expect(JSON.parse(exchange.upstream!.text).messages).toEqual([
        { role: "system", content: "S" },
        { role: "system", content: 'Answer "briefly".' },
        { role: "user", content: "ping" },
      ]);
    }
    expect(host.violations).toEqual([]);
  });

  it("refuses the chat when it cannot be fetched", async () => {
    const { host, plugin } = await start(provider);
    const held = chat(plugin, "gpt-4o");
    host.respondToCall(host.pendingCalls[0].id, { headers: { ":status": "404" }, body: "no" });
    expect(held.localReply?.status).toBe(503);
    expect(held.localReply?.text).toContain("no_context_file");
  });
});
