// A file of any supported kind to the plugin configurations in it, as bytes, with the way back to lines and columns.
import { encodeUtf8 } from "../emulator/bytes";
import { adviceOn, otherPlugin } from "./against-higress";
import { findWasmFilters, looksLikeEnvoy, type Chain, type WasmFilter } from "./envoy";
import { isExtensionPolicy, readExtensionPolicy } from "./extension-policy";
import { printable, type Finding } from "./findings";
import { surroundingFaults } from "./host-settings";
import { isKubernetes, strangeness, unwrapped, WANTED } from "./kinds";
import { jsonText, textAt, type Located } from "./located";
import { Positions } from "./positions";
import { isWasmPlugin, readWasmPlugin, type Resource } from "./wasm-plugin";
import { readYaml, type Fault, type YamlText } from "./yaml-reader";

/** One configuration as the plugin gets it. */
export interface PluginSource {
  name: string;
  text: string;
  /** The bytes of `text`, or of the file where it is no UTF-8. */
  bytes: Uint8Array;
  /** The values in it, null when it is not well formed. */
  root: Located | null;
  /** Where in the file an offset of `text` is; null when the text was composed and can have no fault. */
  place: ((offset: number) => number) | null;
  /** The listener's chain in which the plugin stands, in Envoy's configuration. */
  chain?: Chain;
}

export interface ConfigFile {
  path: string;
  positions: Positions;
  sources: PluginSource[];
  /** What is wrong around the configurations. */
  findings: Finding[];
}

/** `wasm filter ai-proxy` is found under its whole name and under `ai-proxy`. */
export function isWanted(name: string, only: string | undefined): boolean {
  return only === undefined || name === only || name.endsWith(` ${only}`);
}

/** `isMove`: other plugins of Higress's are said what becomes of them, and are not read. */
export function readConfigFile(path: string, bytes: Uint8Array, isMove = false): ConfigFile {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const positions = new Positions(text);
  const reader = new FileReader(path, text, bytes, positions, isMove);
  reader.read();
  return { path, positions, sources: reader.sources, findings: reader.findings };
}

/** A file that is only its one configuration, and that cannot be meant as one: what is wrong with it as a whole. */
export function wholeFault(file: ConfigFile): Finding | null {
  const [source] = file.sources;
  if (file.sources.length !== 1 || source.name !== "") return null;
  const isEmpty = source.text.trim() === "";
  const message = isEmpty ? `is empty; wanted is ${WANTED}` : strangeness(source.root);
  if (message === null) return null;
  const position = file.positions.at(source.root?.at ?? 0);
  return { file: file.path, ...position, severity: "error", message, pointer: "", plugin: "", from: "check" };
}

class FileReader {
  readonly sources: PluginSource[] = [];
  readonly findings: Finding[] = [];

  constructor(
    private readonly path: string,
    private readonly text: string,
    private readonly bytes: Uint8Array,
    private readonly positions: Positions,
    private readonly isMove: boolean,
  ) {}

  read(): void {
    const json = isJson(this.text);
    const parsed = readYaml(this.text, { oldBooleans: !json, duplicates: json ? "warning" : "error" });
    const isPlain = parsed.documents.length <= 1 && !parsed.documents.some(isResource);
    if (json ? isPlain : isPlain && this.isMeantAsJson(parsed)) return this.addText(json ? parsed : null);
    this.report(parsed.faults, "");
    if (parsed.faults.some((fault) => fault.severity === "error")) return;
    const bad = this.text.indexOf("\ufffd");
    if (bad >= 0 && !isUtf8(this.bytes)) return this.report([{ at: bad, message: "is not UTF-8", severity: "error" }], "");
    const documents = unwrapped(parsed.documents);
    documents.forEach((document, index) => this.addDocument(document, documents.length === 1 ? "" : `document ${index + 1}`));
    if (this.sources.length === 0 && this.findings.length === 0)
      this.report([{ at: 0, message: `holds no plugin configuration; wanted is ${WANTED}`, severity: "error" }], "");
  }

  /** The plugin itself says what is wrong with JSON. Nothing at all is a configuration too: one that does nothing. */
  private isMeantAsJson(parsed: YamlText): boolean {
    if (this.path.endsWith(".json") || this.text.trim() === "") return true;
    return /^\s*[{[]/.test(this.text) && parsed.faults.length > 0;
  }

  /** The file is the configuration, byte for byte. */
  private addText(parsed: YamlText | null): void {
    if (parsed !== null) this.report(parsed.faults.filter(isNoSyntaxFault), "");
    const root = parsed?.documents[0] ?? null;
    this.sources.push({ name: "", text: this.text, bytes: this.bytes, root, place: (offset) => offset });
  }

  /** `name`: of the plugin's own configuration. */
  private addDocument(document: Located, name: string): void {
    const other = this.isMove && isWasmPlugin(document) ? otherPlugin(document) : undefined;
    if (other !== undefined) return this.report([{ at: document.at, message: adviceOn(other), severity: "note" }], "");
    const resources = resourcesOf(document);
    for (const resource of resources ?? []) {
      this.report(resource.faults, resource.name);
      // Keys are sorted on the way through protobuf's Struct, or by Kubernetes.
      if (resource.config !== null) this.addValue(resource.name, resource.config, true);
    }
    if (resources !== null) return;
    const filters = findWasmFilters(document);
    this.report(surroundingFaults(document), "");
    if (filters.length > 0) for (const filter of filters) this.addFilter(filter);
    else if (isKubernetes(document)) this.report([passedOver(document)], "");
    else if (!looksLikeEnvoy(document)) this.addOwn(name, document);
  }

  private addOwn(name: string, document: Located): void {
    const strange = name === "" ? null : strangeness(document);
    if (strange === null) this.addValue(name, document, false);
    else this.report([{ at: document.at, message: strange, severity: "error" }], "");
  }

  private addValue(name: string, root: Located, sorted: boolean, chain?: Chain): void {
    const text = jsonText(root, sorted);
    this.sources.push({ name, text, bytes: encodeUtf8(text), root, place: null, chain });
  }

  private addFilter({ name, config, faults, chain: found }: WasmFilter): void {
    const chain = found ?? undefined;
    this.report(faults, name);
    if (config?.kind === "object") return this.addValue(name, config, true, chain);
    if (config === null && faults.some((fault) => fault.severity === "error")) return;
    const text = config === null ? "" : String(config.value);
    const place = config?.places?.() ?? (() => 0);
    const json = isJson(text);
    const parsed = json ? readYaml(text, { oldBooleans: false, duplicates: "warning", place }) : null;
    this.report(parsed?.faults.filter(isNoSyntaxFault) ?? [], name);
    this.sources.push({ name, text, bytes: encodeUtf8(text), root: parsed?.documents[0] ?? null, place, chain });
  }

  private report(faults: Fault[], plugin: string): void {
    for (const { at, message, severity } of faults)
      this.findings.push({ file: this.path, ...this.positions.at(at), severity, message, pointer: "", plugin, from: "check" });
  }
}

/** Of text that JSON.parse has taken: what YAML would have otherwise is no fault. */
function isNoSyntaxFault(fault: Fault): boolean {
  return fault.severity === "warning";
}

/** What is in a resource that is made for plugins; null for any other document. */
function resourcesOf(document: Located): Resource[] | null {
  if (document.kind !== "object") return null;
  if (isWasmPlugin(document)) return [readWasmPlugin(document)];
  const found = isExtensionPolicy(document) ? readExtensionPolicy(document) : [];
  return found.length > 0 ? found : null;
}

function isResource(document: Located): boolean {
  return isKubernetes(document) || looksLikeEnvoy(document) || findWasmFilters(document).length > 0;
}

function passedOver(document: Located): Fault {
  const name = textAt(document, "metadata", "name");
  const what = `${textAt(document, "kind") ?? "resource"}${name === undefined ? "" : ` ${name}`}`;
  return { at: document.at, message: `${printable(what)} holds no configuration of the plugin and is passed over`, severity: "note" };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
