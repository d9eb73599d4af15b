// YAML or JSON text to located values, with every syntax fault at its place. Faults never quote the text: it may be secret.
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Located, LocatedScalar, Member } from "./located";
import { placesOf, type Style } from "./scalar-places";

export interface Fault {
  at: number;
  message: string;
  severity: "error" | "warning" | "note";
}

export interface YamlText {
  /** One for each document that is not empty. */
  documents: Located[];
  faults: Fault[];
}

export interface ReadOptions {
  /** Texts like `yes` and `off` are truth values, as in the YAML of Kubernetes and Envoy. Not for JSON. */
  oldBooleans: boolean;
  /** How bad a key is that is given twice: JSON readers take the last one, YAML readers differ. */
  duplicates: "error" | "warning";
  /** From offsets in `text` to offsets in the file. */
  place?: (offset: number) => number;
}

/** Values that aliases may unfold to. */
const MAX_VALUES = 1_000_000;
/** Syntax errors of one document; what comes after the first few follows from them. */
const MAX_ERRORS = 5;
const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const STYLES: Record<string, Style> = {
  BLOCK_LITERAL: "block",
  BLOCK_FOLDED: "block",
  QUOTE_DOUBLE: "double",
  QUOTE_SINGLE: "single",
};

export function readYaml(text: string, options: ReadOptions): YamlText {
  const place = options.place ?? ((offset: number) => offset);
  const faults: Fault[] = [];
  const documents: Located[] = [];
  try {
    const parsed = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: "error" });
    for (const document of Array.isArray(parsed) ? parsed : []) {
      for (const { code, pos, message } of document.errors.slice(0, MAX_ERRORS))
        faults.push({ at: place(pos[0]), message: describe(code, message), severity: "error" });
      if (document.contents === null) continue;
      documents.push(new Converter(document, text, options, place, faults).convert(document.contents));
    }
  } catch (error) {
    // The stack, on which parser and converter recurse, has an end.
    if (!(error instanceof RangeError)) throw error;
    faults.push({ at: place(0), message: "is nested too deeply", severity: "error" });
  }
  return { documents, faults };
}

class Converter {
  private values = 0;

  constructor(
    private readonly document: Document.Parsed<ParsedNode>,
    private readonly text: string,
    private readonly options: ReadOptions,
    private readonly place: (offset: number) => number,
    private readonly faults: Fault[],
  ) {}

  convert(node: Node): Located {
    const at = this.place(node.range?.[0] ?? 0);
    if (++this.values > MAX_VALUES) throw new RangeError("too many values");
    if (isAlias(node)) return this.alias(node.source, node.resolve(this.document), at);
    if (isMap(node)) return this.object(node, at);
    if (isSeq(node)) return { kind: "list", at, items: node.items.map((item) => this.value(item, at)) };
    return isScalar(node) ? this.scalar(node, at) : { kind: "scalar", at, value: null };
  }

  /** A value that may be left out, which is null. */
  private value(node: unknown, at: number): Located {
    return isNode(node) ? this.convert(node) : { kind: "scalar", at, value: null };
  }

  private alias(_name: string, target: Node | undefined, at: number): Located {
    if (target !== undefined) return this.convert(target);
    this.fault(at, "this alias names no anchor before it");
    return { kind: "scalar", at, value: null };
  }

  private object(node: YAMLMap, at: number): Located {
    const members = new Map<string, Member>();
    const inherited: Located[] = [];
    for (const pair of node.items as Pair[]) {
      const keyAt = isNode(pair.key) ? this.place(pair.key.range?.[0] ?? 0) : at;
      const key = this.keyText(pair.key, keyAt);
      const value = this.value(pair.value, keyAt);
      if (key === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN") {
        inherited.push(...(value.kind === "list" ? value.items : [value]));
        continue;
      }
      if (members.has(key)) this.fault(keyAt, "this key is given twice in one object; the last one counts", this.options.duplicates);
      members.set(key, { keyAt, value });
    }
    for (const base of inherited) {
      if (base.kind !== "object") this.fault(base.at, "<< takes an object, or a list of objects");
      else for (const [key, member] of base.members) if (!members.has(key)) members.set(key, member);
    }
    return { kind: "object", at, members };
  }

  private keyText(node: unknown, at: number): string {
    if (node === null) return "null";
    if (isAlias(node)) return this.keyText(node.resolve(this.document) ?? null, at);
    if (isScalar(node)) return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    this.fault(at, "a key must be a text");
    return "";
  }

  private scalar(node: Scalar, at: number): LocatedScalar {
    const { value } = node;
    if (typeof value === "string") {
      if (this.options.oldBooleans && node.type === "PLAIN" && OLD_BOOLEAN.test(value))
        return { kind: "scalar", at, value: /^[yY]|^[oO][nN]$/.test(value) };
      return { kind: "scalar", at, value, places: () => this.placesIn(node, value) };
    }
    if (typeof value === "number" && !Number.isFinite(value)) this.fault(at, "this number has no form in JSON");
    else if (value === null || typeof value === "boolean" || typeof value === "number") return { kind: "scalar", at, value };
    else this.fault(at, "this value has no form in JSON");
    return { kind: "scalar", at, value: null };
  }

  private placesIn(node: Scalar, value: string): (offset: number) => number {
    const [first, end] = node.range ?? [0, 0];
    const style = STYLES[node.type ?? ""] ?? "plain";
    const start = style === "block" ? this.text.indexOf("\n", first) + 1 : first;
    const places = placesOf(value, this.text, start, end, style);
    return (offset) => this.place(places[Math.min(Math.max(offset, 0), value.length)]);
  }

  private fault(at: number, message: string, severity: Fault["severity"] = "error"): void {
    this.faults.push({ at, message, severity });
  }
}

/**
 * Messages of the parser that say more than the ones below and never quote the text (yaml 2.9, compose/). The others may: `Unresolved tag: …`,
 * `Block scalar header includes extra characters: …`.
 */
const PLAIN_MESSAGES =
  /^(?:Missing (?:closing ["']quote|[,:] (?:or : )?between flow (?:map|sequence) items|space after : in flow (?:map|sequence)|directives-end[\w/ -]*)|Flow (?:map|sequence) (?:in block collection )?must [\w ,{}[\]-]*|Unexpected (?:,|empty item) in flow (?:map|sequence)|All (?:mapping|sequence) items must start at the same column|Implicit map keys need to be followed by map values|Sequence item without - indicator|Comments must be separated [\w ]*|Tags and anchors must be separated [\w ]*|Block collection cannot [\w ,-]*)$/;

/** Our own words for the rest, by the parser's code. */
const DESCRIPTIONS: Record<string, string> = {
  ALIAS_PROPS: "an alias takes no tag and no anchor",
  BAD_ALIAS: "this is no valid name of an alias or anchor",
  BAD_DIRECTIVE: "this YAML directive is not known",
  BAD_DQ_ESCAPE: "this escape is not known in a double-quoted text",
  BAD_INDENT: "the indentation does not fit what is around it",
  BAD_SCALAR_START: "a text cannot begin with this character; quote it",
  BLOCK_AS_IMPLICIT_KEY: "a second key on the same line; begin a new line, or quote a value that holds a colon",
  BLOCK_IN_FLOW: "block style cannot be used inside { } or [ ]",
  KEY_OVER_1024_CHARS: "a key may have 1024 characters at most",
  MISSING_CHAR: "something is missing here: a closing quote, bracket, comma or colon",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line; is a colon missing?",
  MULTIPLE_ANCHORS: "one value cannot have two anchors",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  MULTIPLE_TAGS: "one value cannot have two tags",
  TAB_AS_INDENT: "a tab cannot be used for indentation; use spaces",
  TAG_RESOLVE_FAILED: "this tag does not fit its value",
  UNEXPECTED_TOKEN: "this is not expected here; check the indentation and the quotes",
};

function describe(code: string, message: string): string {
  const plain = PLAIN_MESSAGES.test(message) ? message[0].toLowerCase() + message.slice(1).replace(/(["'])quote$/, "quote $1") : undefined;
  return `is not valid YAML: ${plain ?? DESCRIPTIONS[code] ?? code.toLowerCase().replaceAll("_", " ")}`;
}
