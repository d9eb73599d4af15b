// A generateContent body -> a chat completion body, by the tables of docs/translation-gemini-clients.md. Fields of Google's that
// chat completions do not know are left out: OpenAI's servers refuse what they do not know.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { lowerCase } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { innerOf } from "../conversation/inner";
import { ReasoningMode } from "../../model/reasoning-mode";
import { TranslateContext } from "../translator";
import { REQUEST_TOO_LARGE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { ContentsWriter } from "./contents";
import { firstOf, nextOf } from "./lists";
import { memberOf } from "./names";
import { SchemaWriter } from "./schema";
import { GeminiClientSettings } from "./settings";
import { ToolWriter } from "./tools";

/** Thinking budgets (tokens) from which the effort is medium and high: the steps of from-messages/. */
const MEDIUM_BUDGET: i64 = 4096;
const HIGH_BUDGET: i64 = 16384;

@final
export class RequestWriter extends Refusing {
  private config: i32 = NONE;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
    private settings: GeminiClientSettings,
  ) {
    super();
  }

  /** Writes the body for the parsed document; false with `problem`. */
  write(): bool {
    const doc = this.doc;
    const out = this.out;
    if (doc.isSet(memberOf(doc, 0, "cachedContent")))
      return this.refuse("Cached content lives at Google: send the contents themselves, without cachedContent.", "cachedContent");
    this.config = memberOf(doc, 0, "generationConfig");
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(',"messages":');
    const contents = new ContentsWriter(doc, out, this.settings, this.context.isConversation);
    if (!contents.write(memberOf(doc, 0, "systemInstruction"), doc.root("contents")))
      return this.refuse(contents.problem, contents.problemParam);
    const settings = this.settings;
    new ToolWriter(doc, out, memberOf(doc, 0, "toolConfig"), settings.takesAllowedTools, !settings.isChat).write(doc.root("tools"));
    this.writeSampling();
    this.writeThinking();
    this.writeFormat();
    if (this.context.stream) out.ascii(',"stream":true,"stream_options":{"include_usage":true}');
    out.byte(Ascii.RightBrace);
    return !out.overflow || this.refuse(REQUEST_TOO_LARGE, "contents");
  }

  /** Copies a setting under its name in the chat; numbers keep their spelling. */
  private copy(from: string, to: string): void {
    const doc = this.doc;
    const node = memberOf(doc, this.config, from);
    if (!doc.isSet(node)) return;
    this.out.ascii(',"');
    this.out.ascii(to);
    this.out.put('":', doc.raw(node));
  }

  private writeSampling(): void {
    const doc = this.doc;
    this.copy("maxOutputTokens", "max_tokens");
    this.copy("temperature", "temperature");
    this.copy("topP", "top_p");
    if (this.settings.keepExtras) this.copy("topK", "top_k");
    this.copy("seed", "seed");
    this.copy("presencePenalty", "presence_penalty");
    this.copy("frequencyPenalty", "frequency_penalty");
    if (doc.integer(memberOf(doc, this.config, "candidateCount"), 1) > 1) this.copy("candidateCount", "n");
    if (firstOf(doc, memberOf(doc, this.config, "stopSequences")) != NONE) this.copy("stopSequences", "stop");
    if (doc.isTrue(memberOf(doc, this.config, "responseLogprobs"))) {
      this.copy("responseLogprobs", "logprobs");
      this.copy("logprobs", "top_logprobs");
    }
    this.writeModalities(memberOf(doc, this.config, "responseModalities"));
  }

  /** ["TEXT","IMAGE"] -> ["text","image"]; text alone is the default of both sides. */
  private writeModalities(list: i32): void {
    const doc = this.doc;
    const mark = this.out.length;
    let isBeyondText = false;
    for (let item = firstOf(doc, list); item != NONE; item = nextOf(doc, list, item)) {
      const word = innerOf(doc, item);
      if (!doc.textIs(item, "TEXT")) isBeyondText = true;
      this.out.ascii(this.out.length == mark ? ',"modalities":["' : ',"');
      for (let k = 0; k < word.length; k++) this.out.byte(lowerCase(word.at(k)));
      this.out.byte(Ascii.Quote);
    }
    if (isBeyondText) this.out.byte(Ascii.RightBracket);
    else this.out.truncate(mark);
  }

  /** thinkingLevel as it is, else a step for thinkingBudget; -1 leaves it to the model. */
  private writeThinking(): void {
    const doc = this.doc;
    const out = this.out;
    const thinking = memberOf(doc, this.config, "thinkingConfig");
    // Who answers tells a summary of its thinking only if it is asked to.
    if (
      this.context.isConversation &&
      doc.isTrue(memberOf(doc, thinking, "includeThoughts")) &&
      this.context.options.reasoningMode != ReasoningMode.Ignore
    )
      out.ascii(',"reasoning":{"summary":"auto"}');
    const level = memberOf(doc, thinking, "thinkingLevel");
    const budget = memberOf(doc, thinking, "thinkingBudget");
    if (doc.isString(level) && !doc.textIs(level, "THINKING_LEVEL_UNSPECIFIED")) {
      const word = innerOf(doc, level);
      out.ascii(',"reasoning_effort":"');
      for (let k = 0; k < word.length; k++) out.byte(lowerCase(word.at(k)));
      out.byte(Ascii.Quote);
      return;
    }
    const tokens = doc.integer(budget, -1);
    if (tokens < 0 || (tokens == 0 && !this.settings.takesNoEffort)) return;
    if (this.settings.takesBudget && tokens > 0) {
      out.ascii(',"reasoning_max_tokens":');
      out.integer(tokens);
    }
    out.ascii(',"reasoning_effort":"');
    out.ascii(tokens == 0 ? "none" : tokens < MEDIUM_BUDGET ? "low" : tokens < HIGH_BUDGET ? "medium" : "high");
    out.byte(Ascii.Quote);
  }

  /** responseMimeType application/json, with responseJsonSchema as it is or responseSchema as JSON Schema. */
  private writeFormat(): void {
    const doc = this.doc;
    const out = this.out;
    if (!doc.textIs(memberOf(doc, this.config, "responseMimeType"), "application/json")) return;
    const schema = memberOf(doc, this.config, "responseJsonSchema");
    const own = memberOf(doc, this.config, "responseSchema");
    if (!doc.isObject(schema) && !doc.isObject(own)) {
      out.ascii(',"response_format":{"type":"json_object"}');
      return;
    }
    out.ascii(',"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":');
    if (doc.isObject(schema)) out.view(doc.raw(schema));
    else new SchemaWriter(doc, out, true).write(own);
    out.ascii("}}");
  }
}
