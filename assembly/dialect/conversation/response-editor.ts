// What changes in the chat responses of providers that speak OpenAI's API themselves: forms that OpenAI's clients do not know are
// put into those that they do, as the provider's row says (ResponseEdit), and reasoning goes where `reasoningContentMode` says.
// A response, or an event of one, that needs nothing keeps its bytes; in others all that is not edited keeps its own.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { firstItem } from "../../json/member";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { EventEditor } from "../../usage/filter";
import { firstThought, nextThought, reasoningNode, thoughtText } from "./reasoning";
import { ResponseEdit } from "../options";
import { ReasoningMode } from "../../model/reasoning-mode";
import { CallEditor } from "./call-editor";
import { ChoiceFlags } from "./choice-flags";
import { innerMember, innerOf } from "./inner";

/** Memory of one edited event that is kept for the next. */
const KEPT_BYTES: i32 = 16 << 10;
const ASSISTANT: View = View.utf8('"assistant"');
const NULL: View = View.utf8("null");
/**
 * Members of messages and deltas that hold reasoning: DeepSeek's, Qwen's and vLLM's; Groq's and OpenRouter's two; the signed
 * blocks that LiteLLM answers (all seen Nov 2026).
 */
const REASONING: StaticArray<string> = ["reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"];

@final
export class ResponseEditor extends EventEditor {
  private doc: JsonDocument = new JsonDocument();
  private patches: PatchList = new PatchList();
  private out: Buffer = new Buffer(512);
  private calls: CallEditor | null = null;
  /** Choices of the stream that have begun, and those in which <think> was written and </think> was not. */
  private introduced: ChoiceFlags = new ChoiceFlags();
  private thinking: ChoiceFlags = new ChoiceFlags();
  /** Of the message that is edited: what it says and what it thinks, insides of JSON strings. */
  private text: Buffer = new Buffer(64);
  private thought: Buffer = new Buffer(16);

  /** `edits`: bits of ResponseEdit. */
  constructor(
    private edits: i32,
    private mode: ReasoningMode,
  ) {
    super();
  }

  /** An open <think> is closed by the next text, in an event that looks like those before. */
  get trustsRepeats(): bool {
    return this.thinking.isEmpty;
  }

  /** One event's data; the same object when nothing changes, else a view that is valid until the next edit. */
  edit(data: View, dropsNullUsage: bool): View {
    return this.edited(data, false, dropsNullUsage);
  }

  /** A whole response, likewise. */
  editWhole(body: View): View {
    return this.edited(body, true, false);
  }

  private edited(source: View, isWhole: bool, dropsNullUsage: bool): View {
    const doc = this.doc;
    const patches = this.patches;
    // What is no JSON (`[DONE]`), or broken, is not ours to judge.
    if (source.trim().at(0) != Ascii.LeftBrace || !doc.parse(source)) return source;
    patches.clear();
    const choices = doc.root("choices");
    const usage = doc.root("usage");
    let moved = View.empty();
    let position: i64 = 0;
    for (let choice = firstItem(doc, choices); choice != NONE; choice = doc.next(choice)) {
      this.editChoice(choice, <i32>min<i64>(doc.integer(doc.get(choice, "index"), position), i32.MAX_VALUE), isWhole);
      position++;
      const inner = doc.get(choice, "usage");
      if ((this.edits & ResponseEdit.CHOICE_USAGE) == 0 || moved.length != 0 || doc.isObject(usage) || !doc.isObject(inner)) continue;
      moved = doc.raw(inner);
      this.removeMember(choice, "usage");
    }
    if (moved.length != 0) this.setUsage(moved);
    if (patches.isEmpty) return source;
    if (moved.length == 0 && dropsNullUsage && doc.isNull(usage)) this.removeMember(0, "usage");
    const out = this.out;
    out.clearTo(KEPT_BYTES);
    out.reserve(source.length + 256);
    patches.apply(source, out, source.length);
    return out.overflow ? source : out.window();
  }

  private removeMember(object: i32, name: string): void {
    const editor = ObjectEditor.read(this.doc.view, this.doc.start(object), this.patches);
    if (editor === null) return;
    editor.remove(name);
    editor.finish();
  }

  private setUsage(usage: View): void {
    const editor = ObjectEditor.read(this.doc.view, this.doc.start(0), this.patches);
    if (editor === null) return;
    editor.set("usage", usage);
    editor.finish();
  }

  private editChoice(choice: i32, index: i32, isWhole: bool): void {
    const doc = this.doc;
    const delta = doc.get(choice, "delta");
    // Servers that cannot stream send their whole message as one event.
    const isMessage = isWhole || !doc.isObject(delta);
    const message = isMessage ? doc.get(choice, "message") : delta;
    if (!doc.isObject(message)) return;
    const calls = doc.get(message, "tool_calls");
    const ends = innerMember(doc, choice, "finish_reason").length != 0 || doc.isArray(calls);
    this.editMessage(message, index, isMessage, ends || innerMember(doc, message, "refusal").length != 0);
    if ((this.edits & ResponseEdit.CALL_DEFAULTS) != 0 && doc.first(calls) != NONE) this.editCalls(calls, index, isMessage);
  }

  private editCalls(calls: i32, choice: i32, isMessage: bool): void {
    let editor = this.calls;
    if (editor === null) {
      editor = new CallEditor(this.doc, this.patches);
      this.calls = editor;
    }
    editor.edit(calls, choice, isMessage);
  }

  /** `endsThought`: after this no reasoning of the choice goes on, whether text comes or not. */
  private editMessage(message: i32, choice: i32, isMessage: bool, endsThought: bool): void {
    const doc = this.doc;
    const isFirst = !isMessage && (this.edits & ResponseEdit.ROLE) != 0 && !this.introduced.has(choice);
    if (isFirst) this.introduced.set(choice);
    // Servers that write every field write an empty one for what they do not say.
    const needsRole = isFirst && innerMember(doc, message, "role").length == 0;
    const content = doc.get(message, "content");
    const isList = (this.edits & ResponseEdit.CONTENT_LISTS) != 0 && doc.isArray(content);
    const movesReasoning = this.mode != ReasoningMode.Passthrough && (this.thinking.has(choice) || this.hasReasoning(message));
    if (!needsRole && !isList && !movesReasoning) return;
    const editor = ObjectEditor.read(doc.view, doc.start(message), this.patches);
    if (editor === null) return;
    if (needsRole) editor.set("role", ASSISTANT);
    if (isList || movesReasoning) {
      this.read(message, content, isList);
      if (this.mode != ReasoningMode.Passthrough) for (let k = 0; k < REASONING.length; k++) editor.remove(REASONING[k]);
      else if (this.thought.length != 0) editor.set("reasoning_content", quoted(this.thought.window()));
      const wasEmpty = this.text.length == 0;
      const isTagged = this.mode == ReasoningMode.Concat && this.tag(choice, isMessage, endsThought);
      const isNull = isMessage && wasEmpty && !isTagged && doc.first(doc.get(message, "tool_calls")) != NONE;
      if (isList || isTagged) editor.set("content", isNull ? NULL : quoted(this.text.window()));
    }
    editor.finish();
  }

  /** True when a member for reasoning is there; null stays, as it says nothing. */
  private hasReasoning(message: i32): bool {
    const doc = this.doc;
    for (let k = 0; k < REASONING.length; k++) if (doc.isSet(doc.get(message, REASONING[k]))) return true;
    return false;
  }

  /** Reads what the message says and thinks. Parts that are neither (Mistral's references) have no place in a string. */
  private read(message: i32, content: i32, isList: bool): void {
    const doc = this.doc;
    const text = this.text;
    const thought = this.thought;
    text.clearTo(KEPT_BYTES);
    thought.clearTo(KEPT_BYTES);
    thought.view(innerOf(doc, reasoningNode(doc, message)));
    // Snowflake Cortex tells it in the list alone (recorded Nov 2026).
    const details = thought.length == 0 && this.mode == ReasoningMode.Concat ? doc.get(message, "reasoning_details") : NONE;
    for (let item = doc.first(details); item != NONE; item = doc.next(item)) {
      const piece = innerMember(doc, item, "text");
      thought.view(piece.length != 0 ? piece : innerMember(doc, item, "summary"));
    }
    if (!isList) text.view(innerOf(doc, content));
    for (let part = isList ? doc.first(content) : NONE; part != NONE; part = doc.next(part)) {
      for (let item = firstThought(doc, part); item != NONE; item = nextThought(doc, item)) thought.view(thoughtText(doc, item));
      text.view(innerMember(doc, part, "text"));
    }
  }

  /** Mode Concat: puts the thought before the text, in tags; false when neither a thought nor a tag is due. */
  private tag(choice: i32, isMessage: bool, endsThought: bool): bool {
    const thought = this.thought;
    const text = this.text;
    const wasOpen = this.thinking.has(choice);
    if (thought.length == 0 && !(wasOpen && (text.length != 0 || endsThought))) return false;
    const closes = isMessage || text.length != 0 || endsThought;
    const out = new Buffer(thought.length + text.length + 24);
    if (!wasOpen) out.ascii("<think>");
    out.view(thought.window());
    if (closes) out.ascii("</think>\\n");
    out.view(text.window());
    if (closes) this.thinking.clear(choice);
    else this.thinking.set(choice);
    text.clearTo(KEPT_BYTES);
    text.view(out.window());
    return true;
  }
}

function quoted(inner: View): View {
  const out = new Buffer(inner.length + 2);
  out.byte(Ascii.Quote);
  out.view(inner);
  out.byte(Ascii.Quote);
  return out.toView();
}
