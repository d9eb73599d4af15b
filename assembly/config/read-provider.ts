// Reads one provider object and the catalogue of them.

import { Secret } from "../auth/secret";
import { View } from "../bytes/view";
import { ReasoningMode } from "../dialect/options";
import { NONE } from "../json/document";
import { ModelMapping } from "../model/mapping";
import { Affinity, Capability, CustomSetting, ProviderConfig } from "./config";
import { BY_HEADER } from "./formats";
import { quoted, under, underIndex, underKey } from "./problems";
import { readContext, readFailover, readRetry, readVendor } from "./read-vendor";
import { ObjectReader, lowered } from "./reader";
import { Column, CustomSettingField, LIST_VALUES, ProviderField, Table } from "./schema.gen";
import { cellOf, indexInList } from "./table";
import { checkProvider } from "./validate";

/** Ids that a message names. */
const MAX_IDS: i32 = 20;

/** Providers by id. A provider that is wrong is in it too, so that its id is not reported as unknown. */
@final
export class Catalogue {
  private byId: Map<string, ProviderConfig> = new Map<string, ProviderConfig>();
  private ids: Array<string> = [];

  /** False when the id is taken; the first keeps it, as in Higress. */
  add(provider: ProviderConfig): bool {
    const id = provider.id.toString();
    if (id.length == 0) return true;
    if (this.byId.has(id)) return false;
    this.byId.set(id, provider);
    if (this.ids.length < MAX_IDS) this.ids.push(quoted(provider.id));
    return true;
  }

  find(id: View): ProviderConfig | null {
    const name = id.toString();
    return this.byId.has(name) ? this.byId.get(name) : null;
  }

  /** For the message about an unknown id. */
  describe(): string {
    if (this.ids.length == 0) return "no provider has an id";
    return "known ids: " + this.ids.join(", ") + (this.byId.size > this.ids.length ? ", …" : "");
  }
}

/** Reads `providers`; `node` is NONE or a list. */
export function readCatalogue(reader: ObjectReader, node: i32, pointer: string): Catalogue {
  const catalogue = new Catalogue();
  const doc = reader.doc;
  let index = 0;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const at = underIndex(pointer, index++);
    const provider = readProvider(reader, item, at);
    const id = provider.id;
    if (!catalogue.add(provider)) {
      const message = "the id " + quoted(id) + " is used twice; the first provider with it counts";
      reader.report.warnOnce(under(at, "id"), under(at, "id"), message);
    }
  }
  return catalogue;
}

/** Reads a provider object, reporting what is wrong; the result is complete but must not be used after a problem. */
export function readProvider(reader: ObjectReader, node: i32, pointer: string): ProviderConfig {
  const provider = new ProviderConfig();
  if (!reader.enter(Table.Provider, node, pointer)) return provider;
  checkProvider(reader, pointer);
  readIdentity(reader, provider);
  readPaths(reader, provider);
  readLimits(reader, provider);
  readConversation(reader, provider);
  if (reader.node(ProviderField.MODEL_MAPPING) != NONE) {
    provider.modelMapping = readModelMapping(reader, under(pointer, "modelMapping"));
  }
  if (reader.node(ProviderField.CAPABILITIES) != NONE) provider.capabilities = readCapabilities(reader);
  if (reader.node(ProviderField.CUSTOM_SETTINGS) != NONE) {
    provider.customSettings = readCustomSettings(reader, under(pointer, "customSettings"));
  }
  provider.context = readContext(reader, pointer);
  readAffinity(reader, provider);
  provider.estimateUsage = reader.flag(ProviderField.ESTIMATE_USAGE);
  provider.failover = readFailover(reader, pointer);
  provider.retryOnFailure = readRetry(reader, pointer);
  provider.vendor = readVendor(reader, pointer);
  return provider;
}

function readIdentity(reader: ObjectReader, provider: ProviderConfig): void {
  provider.id = reader.text(ProviderField.ID);
  const type = reader.place(ProviderField.TYPE, cellOf(ProviderField.TYPE, Column.Values));
  if (type >= 0) provider.type = LIST_VALUES[type];
  const tokens = reader.texts(ProviderField.API_TOKENS);
  if (tokens.length > 0) provider.apiTokens = [];
  for (let k = 0; k < tokens.length; k++) provider.apiTokens.push(new Secret(tokens[k]));
  provider.protocolOriginal = reader.textIs(ProviderField.PROTOCOL, "original");
}

function readAffinity(reader: ObjectReader, provider: ProviderConfig): void {
  const affinity = reader.text(ProviderField.TOKEN_AFFINITY);
  if (affinity.startsWith(BY_HEADER)) {
    provider.affinity = Affinity.Header;
    provider.affinityHeader = lowered(affinity.slice(BY_HEADER.length, affinity.length));
  } else if (affinity.equals("consumer")) provider.affinity = Affinity.Consumer;
  else if (affinity.equals("none")) provider.affinity = Affinity.None;
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
  provider.maxResponseEventBytes = reader.integer(ProviderField.MAX_RESPONSE_EVENT_BYTES);
}

function readConversation(reader: ObjectReader, provider: ProviderConfig): void {
  const mode = reader.text(ProviderField.REASONING_CONTENT_MODE);
  if (mode.equals("ignore")) provider.reasoningMode = ReasoningMode.Ignore;
  else if (mode.equals("concat")) provider.reasoningMode = ReasoningMode.Concat;
  provider.contextCleanupCommands = reader.texts(ProviderField.CONTEXT_CLEANUP_COMMANDS);
  const hiclaw = reader.flag(ProviderField.HICLAW_MODE);
  provider.mergeConsecutiveMessages = hiclaw || reader.flag(ProviderField.MERGE_CONSECUTIVE_MESSAGES);
  provider.promoteThinkingOnEmpty = hiclaw || reader.flag(ProviderField.PROMOTE_THINKING_ON_EMPTY);
}

/** An object of strings, or a list of objects with one entry each, as many guides write it. */
function readModelMapping(reader: ObjectReader, pointer: string): ModelMapping {
  const mapping = ModelMapping.empty();
  const node = reader.node(ProviderField.MODEL_MAPPING);
  const doc = reader.doc;
  if (doc.isObject(node)) addMappings(reader, mapping, node, pointer);
  else {
    let index = 0;
    for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
      const at = underIndex(pointer, index++);
      if (doc.isObject(item) && doc.size(item) == 1) addMappings(reader, mapping, item, at);
      else reader.report.problem(at, "must be an object with one entry, the client's model name and the provider's");
    }
  }
  mapping.finish();
  return mapping;
}

function addMappings(reader: ObjectReader, mapping: ModelMapping, node: i32, pointer: string): void {
  const doc = reader.doc;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const key = doc.key(item);
    if (!doc.isString(item)) {
      reader.reportKind(item, underKey(pointer, key), "a string, the provider's model name");
      continue;
    }
    const mistake = mapping.add(key, doc.text(item));
    if (mistake.length > 0) reader.report.problem(underKey(pointer, key), mistake);
  }
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

function readCustomSettings(reader: ObjectReader, pointer: string): Array<CustomSetting> {
  const found: Array<CustomSetting> = [];
  const doc = reader.doc;
  const node = reader.node(ProviderField.CUSTOM_SETTINGS);
  let index = 0;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    if (!reader.enter(Table.CustomSetting, item, underIndex(pointer, index++))) continue;
    const name = reader.text(CustomSettingField.NAME);
    const isRaw = reader.textIs(CustomSettingField.MODE, "raw");
    found.push(
      new CustomSetting(name, reader.raw(CustomSettingField.VALUE), isRaw, reader.flag(CustomSettingField.OVERWRITE)),
    );
  }
  return found;
}
