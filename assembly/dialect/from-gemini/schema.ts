// Google's Schema (OpenAPI 3.0's, types in capitals, numbers as strings) -> JSON Schema. Sources: Schema and Type of the package
// @google/genai 2.32 and https://ai.google.dev/api/caching#Schema, Nov 2026.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { lowerCase } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { innerOf } from "../conversation/inner";
import { isCalled, memberOf } from "./names";

@final
export class SchemaWriter {
  private isFirst: bool = true;

  /** `isClosed`: objects get additionalProperties false, which Anthropic's and OpenAI's structured outputs want. */
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private isClosed: bool,
  ) {}

  /** Appends the schema; what is no object goes on as it is. As deep as the document, which the reader bounds. */
  write(schema: i32): void {
    const doc = this.doc;
    const out = this.out;
    if (!doc.isObject(schema)) {
      out.view(doc.raw(schema));
      return;
    }
    const isNullable = doc.isTrue(memberOf(doc, schema, "nullable"));
    out.byte(Ascii.LeftBrace);
    this.isFirst = true;
    let hasProperties = false;
    let isClosed = !this.isClosed;
    for (let member = doc.first(schema); member != NONE; member = doc.next(member)) {
      if (isCalled(doc, member, "properties")) hasProperties = true;
      if (isCalled(doc, member, "additionalProperties")) isClosed = true;
      this.writeMember(member, isNullable);
    }
    if (hasProperties && !isClosed) {
      this.key("additionalProperties");
      out.ascii("false");
    }
    out.byte(Ascii.RightBrace);
    this.isFirst = false;
  }

  private key(name: string): void {
    if (!this.isFirst) this.out.byte(Ascii.Comma);
    this.isFirst = false;
    this.out.byte(Ascii.Quote);
    this.out.ascii(name);
    this.out.ascii('":');
  }

  private writeMember(member: i32, isNullable: bool): void {
    const doc = this.doc;
    const out = this.out;
    if (doc.keyIs(member, "nullable") || isCalled(doc, member, "propertyOrdering") || doc.isNull(member)) return;
    if (doc.keyIs(member, "type")) this.writeType(member, isNullable);
    else if (doc.keyIs(member, "properties") && doc.isObject(member)) this.writeProperties(member);
    else if (doc.keyIs(member, "items")) {
      this.key("items");
      this.write(member);
    } else if (isCalled(doc, member, "anyOf") && doc.isArray(member)) this.writeVariants(member);
    else if (doc.keyIs(member, "format") && doc.textIs(member, "enum")) return;
    else if (!this.writeCount(member)) {
      if (!this.isFirst) out.byte(Ascii.Comma);
      this.isFirst = false;
      passMember(doc, member, out);
    }
  }

  /** "STRING" -> "string", with "null" beside it when it is nullable; TYPE_UNSPECIFIED says nothing. A list is JSON Schema's own. */
  private writeType(type: i32, isNullable: bool): void {
    const doc = this.doc;
    const out = this.out;
    if (doc.textIs(type, "TYPE_UNSPECIFIED")) return;
    this.key("type");
    if (!doc.isString(type)) {
      out.view(doc.raw(type));
      return;
    }
    const name = innerOf(doc, type);
    out.ascii(isNullable ? '["' : '"');
    for (let k = 0; k < name.length; k++) out.byte(lowerCase(name.at(k)));
    out.ascii(isNullable ? '","null"]' : '"');
  }

  private writeProperties(properties: i32): void {
    const doc = this.doc;
    const out = this.out;
    this.key("properties");
    out.byte(Ascii.LeftBrace);
    for (let property = doc.first(properties); property != NONE; property = doc.next(property)) {
      if (property != doc.first(properties)) out.byte(Ascii.Comma);
      out.byte(Ascii.Quote);
      out.view(doc.rawKey(property));
      out.ascii('":');
      this.write(property);
    }
    out.byte(Ascii.RightBrace);
    this.isFirst = false;
  }

  private writeVariants(list: i32): void {
    const doc = this.doc;
    this.key("anyOf");
    this.out.byte(Ascii.LeftBracket);
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      if (item != doc.first(list)) this.out.byte(Ascii.Comma);
      this.write(item);
    }
    this.out.byte(Ascii.RightBracket);
    this.isFirst = false;
  }

  /** Limits are 64-bit numbers, which Google's JSON spells as strings: "3" -> 3. True for such a member. */
  private writeCount(member: i32): bool {
    const doc = this.doc;
    for (let k = 0; k < COUNTS.length; k++) {
      if (!isCalled(doc, member, COUNTS[k])) continue;
      this.key(COUNTS[k]);
      const isWritten = doc.isString(member) && innerOf(doc, member).toInteger() >= 0;
      this.out.view(isWritten ? innerOf(doc, member) : doc.raw(member));
      return true;
    }
    return false;
  }
}

const COUNTS: StaticArray<string> = ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"];
