// Sampling and output fields of a chat request -> generationConfig. Numbers are copied as they are spelt, zeros included.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { TranslateContext } from "../translator";
import { modelVersion, takesJsonSchema } from "./model";
import { SchemaForm, chooseForm } from "./schema";
import { writeThinking } from "./thinking";

/** stopSequences takes five; the rest is cut off (https://ai.google.dev/api/generate-content, Nov 2026). */
const MAX_STOPS: i32 = 5;
/** seed is an int32 there; OpenAI's is wider. */
const SEED_RANGE: i64 = 0x80000000;

@final
export class GenerationConfigWriter {
  /** What is wrong with response_format, "" for nothing. */
  problem: string = "";
  private fields: Buffer = new Buffer(256);

  constructor(
    private doc: JsonDocument,
    private context: TranslateContext,
  ) {}

  /** Appends `,"generationConfig":{…}` unless it would be empty. */
  write(root: i32, out: Buffer): void {
    const doc = this.doc;
    const limit = doc.get(root, "max_completion_tokens");
    this.copy(doc.isSet(limit) ? limit : doc.get(root, "max_tokens"), "maxOutputTokens");
    this.copy(doc.get(root, "temperature"), "temperature");
    this.copy(doc.get(root, "top_p"), "topP");
    this.copy(doc.get(root, "top_k"), "topK");
    this.copy(doc.get(root, "n"), "candidateCount");
    this.copy(doc.get(root, "presence_penalty"), "presencePenalty");
    this.copy(doc.get(root, "frequency_penalty"), "frequencyPenalty");
    this.writeSeed(doc.get(root, "seed"));
    this.writeStops(doc.get(root, "stop"));
    this.writeLogprobs(root);
    this.writeFormat(root);
    // Envoy AI Gateway's extension: for the whole request; for one part it is v1alpha only
    // (https://ai.google.dev/gemini-api/docs/media-resolution, Nov 2026).
    this.copy(doc.get(doc.get(root, "generationConfig"), "media_resolution"), "mediaResolution");
    this.writeModalities(doc.get(root, "modalities"));
    const thinking = new Buffer(64);
    if (writeThinking(doc, root, this.context, thinking)) {
      this.key("thinkingConfig");
      this.fields.view(thinking.toView());
    }
    if (this.fields.length == 0) return;
    out.wrap(',"generationConfig":{', this.fields.toView(), "}");
  }

  private key(name: string): void {
    const fields = this.fields;
    if (fields.length != 0) fields.byte(Ascii.Comma);
    fields.byte(Ascii.Quote);
    fields.ascii(name);
    fields.ascii('":');
  }

  private copy(node: i32, name: string): void {
    if (!this.doc.isSet(node)) return;
    this.key(name);
    this.fields.view(this.doc.raw(node));
  }

  /** A seed above int32 is folded into it: the same seed still gives the same answer. */
  private writeSeed(node: i32): void {
    const seed = this.doc.integer(node, -1);
    if (seed < SEED_RANGE) {
      this.copy(node, "seed");
      return;
    }
    this.key("seed");
    this.fields.integer(seed % SEED_RANGE);
  }

  private writeStops(stop: i32): void {
    const doc = this.doc;
    const fields = this.fields;
    let count = 0;
    let item = doc.isArray(stop) ? doc.first(stop) : stop;
    for (; item != NONE && count < MAX_STOPS; item = item == stop ? NONE : doc.next(item)) {
      if (!doc.isString(item) || doc.textIs(item, "")) continue;
      if (count == 0) {
        this.key("stopSequences");
        fields.byte(Ascii.LeftBracket);
      } else fields.byte(Ascii.Comma);
      fields.view(doc.raw(item));
      count++;
    }
    if (count > 0) fields.byte(Ascii.RightBracket);
  }

  /** Without responseLogprobs a logprobs count is an error, so it goes out only with it. */
  private writeLogprobs(root: i32): void {
    const doc = this.doc;
    if (!doc.isTrue(doc.get(root, "logprobs"))) return;
    this.key("responseLogprobs");
    this.fields.ascii("true");
    this.copy(doc.get(root, "top_logprobs"), "logprobs");
  }

  /** response_format, else vLLM's guided_json and guided_choice. */
  private writeFormat(root: i32): void {
    const doc = this.doc;
    const format = doc.get(root, "response_format");
    const type = doc.get(format, "type");
    const hasFormat = doc.isSet(format);
    const schema = hasFormat ? this.schemaOf(format) : doc.get(root, "guided_json");
    const choices = doc.get(root, "guided_choice");
    const isJson = doc.isObject(schema) || doc.textIs(type, "json_object");
    const isChoice = !hasFormat && !isJson && doc.isArray(choices);
    if (!isJson && !isChoice && !doc.textIs(type, "text")) return;
    this.key("responseMimeType");
    this.fields.ascii(isJson ? '"application/json"' : isChoice ? '"text/x.enum"' : '"text/plain"');
    if (isChoice) {
      this.key("responseSchema");
      this.fields.wrap('{"type":"STRING","enum":', doc.raw(choices), "}");
    }
    if (!isJson || !doc.isObject(schema)) return;
    // responseJsonSchema takes JSON Schema as OpenAI does; responseSchema is the old subset without $ref and
    // additionalProperties, both of which OpenAI's strict mode asks for: only models known to be old are given it.
    const model = this.context.model;
    const isOld = modelVersion(model) > 0 && !takesJsonSchema(model) && chooseForm(doc, schema) == SchemaForm.OpenApi;
    this.copy(schema, isOld ? "responseSchema" : "responseJsonSchema");
  }

  /** The schema of a format. Clients give it bare, too: as json_schema, or as the format itself. */
  private schemaOf(format: i32): i32 {
    const doc = this.doc;
    if (!doc.memberIs(format, "type", "json_schema")) return doc.isObject(doc.get(format, "properties")) ? format : NONE;
    const given = doc.get(format, "json_schema");
    const schema = doc.get(given, "schema");
    if (doc.isObject(schema)) return schema;
    if (doc.isString(doc.get(given, "type")) || doc.isObject(doc.get(given, "properties"))) return given;
    this.problem = "response_format.json_schema must hold a schema.";
    return NONE;
  }

  /** ["text","image"] -> ["TEXT","IMAGE"]; text alone is the default and is left out. */
  private writeModalities(list: i32): void {
    const doc = this.doc;
    let wanted = "";
    let beyondText = false;
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      const word = doc.textIs(item, "text") ? "TEXT" : doc.textIs(item, "image") ? "IMAGE" : doc.textIs(item, "audio") ? "AUDIO" : "";
      if (word.length == 0 || wanted.includes(word)) continue;
      if (word != "TEXT") beyondText = true;
      wanted += (wanted.length != 0 ? ',"' : '"') + word + '"';
    }
    if (!beyondText) return;
    this.key("responseModalities");
    this.fields.byte(Ascii.LeftBracket);
    this.fields.ascii(wanted);
    this.fields.byte(Ascii.RightBracket);
  }
}
