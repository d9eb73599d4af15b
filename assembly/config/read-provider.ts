// Makes a provider of its object. What may be wrong with it is said by check-provider.ts.

import { Secret } from "../auth/secret";
import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { JsonDocument, NONE } from "../json/document";
import { ModelMapping } from "../model/mapping";
import { ReasoningMode } from "../model/reasoning-mode";
import { Affinity, Capability, CustomSetting, ProviderConfig, WebSockets } from "./provider-config";
import { BY_HEADER } from "./formats";
import { readContext, readFailover, readRetry } from "./read-nested";
import { readEdits } from "./read-edits";
import { readPrices } from "./read-prices";
import { readSettings } from "./read-settings";
import { ROOT } from "./place";
import { ObjectReader } from "./reader";
import { Column, CustomSettingField, LIST_VALUES, ProviderField, Table } from "./schema.gen";
import { cellOf, indexInList } from "./table";

/** Reads the provider object at `node`, which has been checked (checkProvider): nobody sees what the reader reports. */
export function readProvider(reader: ObjectReader, node: i32): ProviderConfig {
  const provider = new ProviderConfig();
  reader.enter(Table.Provider, node, ROOT);
  readIdentity(reader, provider);
  readPaths(reader, provider);
  readLimits(reader, provider);
  readConversation(reader, provider);
  if (reader.node(ProviderField.MODEL_MAPPING) != NONE) {
    provider.modelMapping = readModelMapping(reader);
  }
  provider.prices = readPrices(reader, reader.node(ProviderField.PRICES), ROOT);
  provider.edits = readEdits(reader, reader.node(ProviderField.PROMPTS), reader.node(ProviderField.PARAMETER_RULES), ROOT);
  if (reader.node(ProviderField.CAPABILITIES) != NONE) provider.capabilities = readCapabilities(reader);
  if (reader.node(ProviderField.CUSTOM_SETTINGS) != NONE) {
    provider.customSettings = readCustomSettings(reader);
  }
  provider.context = readContext(reader);
  readAffinity(reader, provider);
  readForwardHeaders(reader, provider);
  const sessions = reader.text(ProviderField.WEB_SOCKETS);
  if (sessions.equals("forward")) provider.webSockets = WebSockets.Forward;
  else if (sessions.equals("refuse")) provider.webSockets = WebSockets.Refuse;
  provider.estimateUsage = reader.flag(ProviderField.ESTIMATE_USAGE);
  provider.failover = readFailover(reader);
  provider.retryOnFailure = readRetry(reader);
  provider.settings = readSettings(reader);
  return provider;
}

function readIdentity(reader: ObjectReader, provider: ProviderConfig): void {
  provider.id = reader.text(ProviderField.ID);
  const type = reader.place(ProviderField.TYPE, cellOf(ProviderField.TYPE, Column.Values));
  if (type >= 0) provider.type = LIST_VALUES[type];
  const tokens = reader.texts(ProviderField.API_TOKENS);
  if (tokens.length != 0) provider.apiTokens = [];
  for (let k = 0; k < tokens.length; k++) provider.apiTokens.push(new Secret(withoutScheme(tokens[k])));
  provider.protocolOriginal = reader.textIs(ProviderField.PROTOCOL, "original");
}

/** Some operators write the whole header: the scheme is ours to write. */
function withoutScheme(token: View): View {
  return token.startsWith("Bearer ") ? token.slice(7, token.length) : token;
}

function readAffinity(reader: ObjectReader, provider: ProviderConfig): void {
  const affinity = reader.text(ProviderField.TOKEN_AFFINITY);
  if (affinity.startsWith(BY_HEADER)) {
    provider.affinity = Affinity.Header;
    provider.affinityHeader = lowered(affinity.slice(BY_HEADER.length, affinity.length));
  } else if (affinity.equals("consumer")) provider.affinity = Affinity.Consumer;
  else if (affinity.equals("none")) provider.affinity = Affinity.None;
}

function readForwardHeaders(reader: ObjectReader, provider: ProviderConfig): void {
  const texts = reader.texts(ProviderField.FORWARD_HEADERS);
  if (texts.length != 0) provider.forwardHeaders = [];
  for (let k = 0; k < texts.length; k++) provider.forwardHeaders.push(lowered(texts[k]));
}

function readPaths(reader: ObjectReader, provider: ProviderConfig): void {
  provider.providerDomain = reader.text(ProviderField.PROVIDER_DOMAIN);
  provider.providerBasePath = reader.text(ProviderField.PROVIDER_BASE_PATH);
  provider.basePath = reader.text(ProviderField.BASE_PATH);
  provider.basePathPrepend = reader.textIs(ProviderField.BASE_PATH_HANDLING, "prepend");
}

function readLimits(reader: ObjectReader, provider: ProviderConfig): void {
  provider.timeoutMs = reader.integer(ProviderField.TIMEOUT);
  // Higress takes 0 for its default.
  if (provider.timeoutMs == 0) provider.timeoutMs = cellOf(ProviderField.TIMEOUT, Column.Default);
  provider.firstByteTimeoutMs = reader.integer(ProviderField.FIRST_BYTE_TIMEOUT);
  provider.maxRequestBytes = reader.integer(ProviderField.MAX_REQUEST_BYTES);
  provider.maxRewrittenBytes = reader.integer(ProviderField.MAX_REWRITTEN_BYTES);
  provider.maxResponseEventBytes = reader.integer(ProviderField.MAX_RESPONSE_EVENT_BYTES);
}

function readConversation(reader: ObjectReader, provider: ProviderConfig): void {
  const mode = reader.text(ProviderField.REASONING_CONTENT_MODE);
  if (mode.equals("ignore")) provider.reasoningMode = ReasoningMode.Ignore;
  else if (mode.equals("concat")) provider.reasoningMode = ReasoningMode.Concat;
  provider.contextCleanupCommands = reader.texts(ProviderField.CONTEXT_CLEANUP_COMMANDS);
  const hiclaw = reader.flag(ProviderField.HICLAW_MODE);
  provider.mergeConsecutiveMessages = hiclaw || reader.flag(ProviderField.MERGE_CONSECUTIVE_MESSAGES);
  provider.asksUsage = !reader.flag(ProviderField.DISABLE_STREAM_USAGE_STATS);
  provider.logsErrors = reader.flag(ProviderField.LOG_UPSTREAM_ERROR_RESPONSE_BODY);
  provider.promoteThinkingOnEmpty = hiclaw || reader.flag(ProviderField.PROMOTE_THINKING_ON_EMPTY);
}

/** An object of strings, or a list of objects with one entry each, as many guides write it. */
function readModelMapping(reader: ObjectReader): ModelMapping {
  const mapping = ModelMapping.empty();
  const node = reader.node(ProviderField.MODEL_MAPPING);
  const doc = reader.doc;
  if (doc.isObject(node)) addMappings(doc, mapping, node);
  else for (let item = doc.first(node); item != NONE; item = doc.next(item)) addMappings(doc, mapping, item);
  return mapping;
}

function addMappings(doc: JsonDocument, mapping: ModelMapping, node: i32): void {
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) mapping.add(doc.key(item), doc.text(item));
}

function readCapabilities(reader: ObjectReader): Array<Capability> {
  const found: Array<Capability> = [];
  const doc = reader.doc;
  const node = reader.node(ProviderField.CAPABILITIES);
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const name = indexInList(doc.key(item), cellOf(ProviderField.CAPABILITIES, Column.Values));
    if (name >= 0) found.push(new Capability(LIST_VALUES[name], doc.text(item)));
  }
  return found;
}

function readCustomSettings(reader: ObjectReader): Array<CustomSetting> {
  const found: Array<CustomSetting> = [];
  const doc = reader.doc;
  const node = reader.node(ProviderField.CUSTOM_SETTINGS);
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    reader.enter(Table.CustomSetting, item, ROOT);
    const name = reader.text(CustomSettingField.NAME);
    const isRaw = reader.textIs(CustomSettingField.MODE, "raw");
    found.push(new CustomSetting(name, reader.raw(CustomSettingField.VALUE), isRaw, reader.flag(CustomSettingField.OVERWRITE)));
  }
  return found;
}
