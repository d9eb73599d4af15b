// `check --against higress`: what will differ after a move from Higress's ai-proxy 2.2.4, by what the configuration holds. Facts of its Go
// sources (https://github.com/higress-group/higress/tree/main/plugins/wasm-go/extensions, 2.2.4, read Nov 2026).
import type { ConfigFile, PluginSource } from "./config-file";
import type { Finding } from "./findings";
import { isTrue, memberOf, textAt, type Located, type LocatedObject } from "./located";

/** The names of `capabilities` that Higress reads; it drops the others without a word. */
const CAPABILITIES = new Set(
  (
    "openai/v1/chatcompletions openai/v1/embeddings openai/v1/imagegeneration openai/v1/imagevariation openai/v1/imageedit " +
    "openai/v1/audiospeech openai/v1/audiotranscription openai/v1/audiotranslation openai/v1/realtime openai/v1/responses " +
    "cohere/v1/rerank openai/v1/videos openai/v1/retrievevideo openai/v1/retrievevideocontent openai/v1/videoremix " +
    "kling/v1/image2video kling/v1/retrieveimagevideo"
  ).split(" "),
);

/** Where something differs, and what to say of it: the difference, the reason, what to do. */
interface Difference {
  at: number;
  pointer: string;
  message: string;
}

type Say = (key: string, message: string) => void;
type Provider = LocatedObject;

const entries = (value: Located | undefined) => (value?.kind === "object" ? [...value.members] : []);
const items = (value: Located | undefined) => (value?.kind === "list" ? value.items : []);
const isGiven = (value: Located | undefined) =>
  value !== undefined && textAt({ kind: "object", at: 0, members: new Map([["x", { keyAt: 0, value }]]) }, "x") !== "";
const isHostAlone = (url: string) =>
  url !== "" &&
  url
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/\/$/, "")
    .indexOf("/") < 0;

/** Differences of one provider object, by its fields. */
function ofProvider(provider: Provider, say: Say): void {
  const value = (key: string) => memberOf(provider, key)?.value;
  const type = textAt(provider, "type");
  ofMapping(
    entries(value("modelMapping")).map(([key]) => key),
    say,
  );
  const more = entries(value("capabilities"))
    .map(([key]) => key)
    .filter((key) => !CAPABILITIES.has(key));
  if (more.length > 0)
    say("capabilities", `Higress drops ${more.join(", ")} without a word, and here it has effect; remove it to keep requests as they are`);
  if (isTrue(memberOf(value("failover"), "enabled")?.value)) {
    say(
      "failover",
      "Higress probes a removed key with chats, which are billed; here it comes back after cooldownDuration, and healthCheck… fields have no effect. Nothing to do",
    );
    if (memberOf(value("failover"), "failoverOnStatus") === undefined)
      say(
        "failover",
        "Higress counts every 4xx and 5xx against the key; here only what is the key's or the provider's fault counts. To have the old rule, set failoverOnStatus: [4.., 5..]",
      );
  }
  if (isTrue(memberOf(value("retryOnFailure"), "enabled")?.value))
    say(
      "retryOnFailure",
      "Higress retries inside the filter and loses streams; here Envoy retries: put the plugin into the cluster as an upstream filter and give the route a retry policy (docs/failover.md)",
    );
  const mode = textAt(provider, "reasoningContentMode")?.toLowerCase();
  if (mode !== undefined && mode !== "" && type !== "qwen")
    say("reasoningContentMode", "Higress honours it for qwen alone; here it holds for every type. Remove it to keep responses as they are");
  for (const key of ["openaiCustomUrl", "vllmCustomUrl"])
    if (isHostAlone(textAt(provider, key) ?? ""))
      say(
        key,
        "a URL without a path keeps /v1 here, and Higress sends /chat/completions; write the path that your server has into the URL if it is not /v1",
      );
  if (type === "ollama" && value("ollamaServerPort") === undefined)
    say("ollamaServerPort", "Higress refuses ollama without a port; here it is 11434. Nothing to do");
  if (isTrue(value("claudeCodeMode")))
    say(
      "claudeCodeMode",
      "Higress imitates Anthropic's command line (user agent, system prompt); here only the OAuth token and its beta are sent. Nothing to do for clients that are Claude Code",
    );
  if (
    textAt(provider, "protocol") === "original" &&
    items(value("customSettings")).length === 0 &&
    entries(value("modelMapping")).length > 0
  )
    say("protocol", "neither Higress nor this plugin maps models with protocol original. Nothing to do");
  if (type === "generic" && entries(value("modelMapping")).length > 0)
    say(
      "modelMapping",
      "neither Higress nor this plugin maps models of type generic. Nothing to do; type openai with openaiCustomUrl does map",
    );
  if (type === "cohere")
    say(
      "type",
      "Higress sends the first message alone and passes Cohere's own response; here the whole chat is translated, both ways. Clients that read Cohere's form must read OpenAI's",
    );
  if (type === "spark" || type === "triton" || (type === "minimax" && textAt(provider, "minimaxApiType") === "pro"))
    say("type", "Higress loses tool calls, history or finish reasons of this type; here they are translated. Nothing to do");
  if (type === "gemini" || type === "vertex" || type === "bedrock" || type === "claude")
    say(
      "type",
      "Higress loses parts of chats (tool results, several system messages, stop, thinking) in its translation; here they are kept. Nothing to do",
    );
  if (isGiven(value("context")) && items(value("context")).length > 0)
    say("context", "context must be an object; Higress's README shows a list, which its code refuses, too");
}

function ofMapping(keys: string[], say: Say): void {
  const patterns = keys.filter((key) => (key.endsWith("*") && key !== "*") || key.startsWith("~"));
  const prefixes = patterns.filter((key) => !key.startsWith("~")).map((key) => key.slice(0, -1));
  const overlaps = prefixes.some((one) => prefixes.some((other) => one !== other && other.startsWith(one)));
  if (overlaps || (patterns.filter((key) => key.startsWith("~")).length > 0 && patterns.length > 1))
    say(
      "modelMapping",
      "Higress tries patterns in random order; here the longest prefix comes first, then ~regex in the order written. Nothing to do, but look whether the model that you expect comes out (explain)",
    );
  if (patterns.some((key) => key.startsWith("~") && key.endsWith("*")))
    say(
      "modelMapping",
      "Higress cuts the star off a ~regex that ends in one; here the whole expression counts. Look whether it still says what you mean",
    );
}

const KNOWN: Record<string, string> = {
  "ai-statistics":
    "switch it off where this plugin runs: both write the same counters and ai_log, so tokens would be counted twice. Its attributes that are headers become logHeaders (docs/migrating-from-higress.md)",
  "model-router": "can stay; rules with _match_model_ and providerHeader do the same without it (docs/routing.md)",
  "model-mapper": "can stay; modelMapping does the same without it",
  "key-auth": "can stay; it names the consumer, which this plugin reads",
  "ai-token-ratelimit": "can stay, with its Redis; `limits` counts without one, for one gateway pod",
  "ai-quota": "can stay, with its Redis; `limits` with tokensPerMonth counts without one, for one gateway pod",
};

/** The name of a plugin of Higress's that a WasmPlugin's image is, or undefined. `ai-proxy` itself is what this one replaces. */
export function otherPlugin(document: Located): string | undefined {
  const url = textAt(document, "spec", "url") ?? "";
  const name = /\/(?:plugins|wasm-plugins?)\/([a-z0-9-]+)[:@]?/.exec(url)?.[1] ?? /\/((?:ai|model|key)-[a-z-]+?)(?:[:@]|$)/.exec(url)?.[1];
  return name === undefined || name.startsWith("ai-proxy") || name.startsWith("ai-gateway") ? undefined : name;
}

/** What is to be done about another plugin of Higress's. */
export function adviceOn(name: string): string {
  return `${name}: ${KNOWN[name] ?? "another plugin, which works beside this one as before. Nothing to do"}`;
}

/** The differences of one configuration, as notes. */
export function differencesOf(file: ConfigFile, source: PluginSource): Finding[] {
  const found: Difference[] = [];
  const root = source.root;
  if (root?.kind !== "object") return [];
  const add =
    (holder: LocatedObject, pointer: string): Say =>
    (key, message) => {
      const member = memberOf(holder, key);
      found.push({ at: member?.keyAt ?? holder.at, pointer: `${pointer}/${key}`, message });
    };
  const ids = new Set<string>();
  const visit = (holder: LocatedObject, pointer: string) => {
    const one = memberOf(holder, "provider")?.value;
    if (one?.kind === "object") ofProvider(one, add(one, `${pointer}/provider`));
    items(memberOf(holder, "providers")?.value).forEach((provider, k) => {
      if (provider.kind !== "object") return;
      ids.add(textAt(provider, "id") ?? "");
      ofProvider(provider, add(provider, `${pointer}/providers/${k}`));
    });
    const active = textAt(holder, "activeProviderId");
    if (one !== undefined && (memberOf(holder, "providers") !== undefined || active !== undefined))
      add(holder, pointer)("provider", "Higress takes provider and reads nothing else beside it. Remove what is beside it");
    else if (active !== undefined && !ids.has(active))
      add(holder, pointer)(
        "activeProviderId",
        `no provider has the id ${active}: Higress forwards such requests as they are, without a word; here they get an error. Correct the id, or remove it to forward them`,
      );
  };
  visit(root, "");
  items(memberOf(root, "_rules_")?.value).forEach((rule, k) => {
    if (rule.kind !== "object") return;
    const pointer = `/_rules_/${k}`;
    visit(rule, pointer);
    const has = (key: string) => items(memberOf(rule, key)?.value).length > 0;
    if (has("_match_domain_") && has("_match_route_"))
      add(rule, pointer)(
        "_match_domain_",
        "Higress ignores the domain of a rule that names a route; here both must hold. Remove the domain to keep the rule's reach",
      );
    else if (has("_match_domain_") && has("_match_service_"))
      add(rule, pointer)(
        "_match_service_",
        "Higress ignores the service of a rule that names a domain alone beside it; here both must hold. Remove the service to keep the rule's reach",
      );
  });
  return found.map(({ at, pointer, message }) => ({
    file: file.path,
    ...file.positions.at(at),
    severity: "note" as const,
    message: `differs from Higress: ${message}`,
    pointer,
    plugin: source.name,
    from: "check" as const,
  }));
}
