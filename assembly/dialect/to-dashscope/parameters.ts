// Sampling, output and tool fields of a chat request -> `parameters`. Values are copied as they are spelt unless DashScope
// refuses them, and nothing is made up: an absent top_p stays absent.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { ProviderField } from "../../config/schema.gen";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { parseNumber } from "../../json/number";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { TranslateContext } from "../translator";
import { FUNCTIONS_ONLY, WRONG_CHOICE, WRONG_TOOLS } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";

/** Seeds are 31 bits wide there. */
const MAX_SEED: i64 = 0x7fffffff;

@final
export class ParameterWriter extends Refusing {
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
    /** The messages hold thinking of earlier turns. */
    private hasThinking: bool,
  ) {
    super();
  }

  /** Writes the object, braces included; false with `problem`. */
  write(): bool {
    const doc = this.doc;
    this.out.ascii('{"result_format":"message"');
    // Without it every event repeats the whole text so far.
    if (this.context.stream) this.out.ascii(',"incremental_output":true');
    const limit = doc.root("max_completion_tokens");
    this.put("max_tokens", doc.isSet(limit) ? limit : doc.root("max_tokens"));
    this.copySampling();
    this.copyExtensions();
    this.writeSearch();
    this.writeThinking();
    if (!this.writeTools()) return false;
    this.out.byte(Ascii.RightBrace);
    return true;
  }

  private key(name: string): void {
    this.out.ascii(',"');
    this.out.ascii(name);
    this.out.ascii('":');
  }

  private put(name: string, node: i32): void {
    if (!this.doc.isSet(node)) return;
    this.key(name);
    this.out.view(this.doc.raw(node));
  }

  private copy(name: string): void {
    this.put(name, this.doc.root(name));
  }

  /**
   * As it is when it lies inside `(low, high)`, else the nearest value that DashScope takes: OpenAI's ends are errors there
   * ("Temperature should be in [0.0, 2.0)", and "Range of top_p should be (0.0, 1.0)" of older models; Nov 2026).
   */
  private putInside(name: string, low: f64, lowest: string, high: f64, highest: string): void {
    const node = this.doc.root(name);
    const value = parseNumber(this.doc.raw(node));
    if (this.doc.kind(node) != JsonKind.Number || (value > low && value < high)) {
      this.put(name, node);
      return;
    }
    this.key(name);
    this.out.ascii(value < high ? lowest : highest);
  }

  /** Folded into what DashScope takes, so that equal seeds stay equal. */
  private putSeed(): void {
    const node = this.doc.root("seed");
    const seed = this.doc.integer(node, 0);
    if (seed <= MAX_SEED) {
      this.put("seed", node);
      return;
    }
    this.key("seed");
    this.out.integer(seed & MAX_SEED);
  }

  /** Fields of one name and meaning on both sides. */
  private copySampling(): void {
    this.putInside("temperature", -Infinity, "", 2, "1.99");
    this.putInside("top_p", 0, "0.000001", 1, "0.999999");
    this.copy("top_k");
    this.putSeed();
    this.copy("stop");
    this.copy("presence_penalty");
    this.copy("repetition_penalty");
    this.copy("n");
    this.copy("logprobs");
    this.copy("top_logprobs");
    this.copy("response_format");
    this.copy("parallel_tool_calls");
  }

  /** DashScope's own, which clients of its compatible endpoint put beside OpenAI's (`extra_body`). */
  private copyExtensions(): void {
    this.copy("search_options");
    this.copy("translation_options");
    this.copy("vl_high_resolution_images");
    this.copy("vl_enable_image_hw_output");
    this.copy("ocr_options");
    this.copy("asr_options");
    this.copy("enable_code_interpreter");
  }

  /** The client's word, OpenAI's web_search_options, or the operator's switch. */
  private writeSearch(): void {
    const doc = this.doc;
    const given = doc.root("enable_search");
    if (doc.isSet(given)) this.put("enable_search", given);
    else if (this.context.options.settings.flag(ProviderField.QWEN_ENABLE_SEARCH) || doc.isObject(doc.root("web_search_options"))) {
      this.key("enable_search");
      this.out.ascii("true");
    }
  }

  /** enable_thinking as given, else by reasoning_effort: DashScope has a switch and a budget, no levels. */
  private writeThinking(): void {
    const doc = this.doc;
    const given = doc.root("enable_thinking");
    const effort = doc.root("reasoning_effort");
    if (doc.isSet(given)) this.put("enable_thinking", given);
    else if (doc.isString(effort)) {
      this.key("enable_thinking");
      this.out.ascii(doc.textIs(effort, "none") ? "false" : "true");
    }
    this.copy("thinking_budget");
    const preserves = doc.root("preserve_thinking");
    this.put("preserve_thinking", preserves);
    // Without it the thinking of earlier turns is not read (https://www.alibabacloud.com/help/en/model-studio/deep-thinking, Nov 2026).
    if (!this.hasThinking || preserves != NONE) return;
    this.key("preserve_thinking");
    this.out.ascii("true");
  }

  private writeTools(): bool {
    const doc = this.doc;
    const tools = doc.root("tools");
    const functions = doc.root("functions");
    if (doc.isSet(tools) && !doc.isArray(tools)) return this.refuse(WRONG_TOOLS, "tools");
    const allowed = new AllowedTools(doc);
    let index = 0;
    let left = 0;
    for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
      if (!doc.memberIs(tool, "type", "function")) return this.refuse(FUNCTIONS_ONLY, "tools[" + index.toString() + "].type");
      index++;
      if (!allowed.admits(tool)) continue;
      if (left == 0) this.key("tools");
      this.out.byte(left++ == 0 ? Ascii.LeftBracket : Ascii.Comma);
      this.out.view(doc.raw(tool));
    }
    if (left > 0) this.out.byte(Ascii.RightBracket);
    else if (index > 0) return this.refuse(NONE_ALLOWED, "tool_choice");
    else if (doc.first(functions) != NONE) index = this.writeFunctions(functions);
    if (index == 0) return true; // tool_choice without tools is an error there.
    const choice = doc.root("tool_choice");
    return this.writeChoice(doc.isSet(choice) ? choice : doc.root("function_call"), index == 1);
  }

  /** The deprecated spelling of before Nov 2023; some clients still send it. Returns how many there are. */
  private writeFunctions(functions: i32): i32 {
    const doc = this.doc;
    let count = 0;
    this.key("tools");
    for (let item = doc.first(functions); item != NONE; item = doc.next(item)) {
      this.out.ascii(count == 0 ? '[{"type":"function","function":' : ',{"type":"function","function":');
      this.out.view(doc.raw(item));
      this.out.byte(Ascii.RightBrace);
      count++;
    }
    this.out.byte(Ascii.RightBracket);
    return count;
  }

  /**
   * DashScope takes auto, none and one named function; other words are an error ("tool_choice is one of the strings that
   * should be [none, auto]", Nov 2026). required is said exactly when there is one function, else it falls back to auto.
   */
  private writeChoice(choice: i32, isOnlyTool: bool): bool {
    const doc = this.doc;
    if (!doc.isSet(choice)) return true;
    const isWord = doc.isString(choice);
    if (isWord && doc.textIn(choice, "auto none")) {
      this.put("tool_choice", choice);
      return true;
    }
    if (isWord && doc.textIn(choice, "required any")) {
      this.writeRequired(isOnlyTool);
      return true;
    }
    const name = this.nameOf(choice);
    if (name.length != 0) {
      this.writeNamed(name);
      return true;
    }
    if (doc.memberIs(choice, "type", "allowed_tools")) {
      this.key("tool_choice");
      this.out.ascii('"auto"');
      return true;
    }
    return this.refuse(WRONG_CHOICE, "tool_choice");
  }

  /** The raw name that a tool choice gives, in the new spelling or the old; empty when it gives none. */
  private nameOf(choice: i32): View {
    const doc = this.doc;
    const inner = doc.get(doc.get(choice, "function"), "name");
    const name = doc.isString(inner) ? inner : doc.get(choice, "name");
    return doc.isString(name) && !doc.textIs(name, "") ? doc.raw(name) : View.empty();
  }

  private writeRequired(isOnlyTool: bool): void {
    const doc = this.doc;
    const tool = doc.first(doc.root("tools"));
    const definition = tool != NONE ? doc.get(tool, "function") : doc.first(doc.root("functions"));
    const name = doc.get(definition, "name");
    if (isOnlyTool && doc.isString(name)) this.writeNamed(doc.raw(name));
    else {
      this.key("tool_choice");
      this.out.ascii('"auto"');
    }
  }

  private writeNamed(name: View): void {
    this.key("tool_choice");
    this.out.wrap('{"type":"function","function":{"name":', name, "}}");
  }
}
