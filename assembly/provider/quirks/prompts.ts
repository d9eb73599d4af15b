// prompts: the operator's messages among those of a client, put into the body as the client's own API has them. What the client has
// written keeps its bytes, so that signatures and marks of caches stay what they are.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { Prompt } from "../../config/body-edits";
import { JsonCursor, JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { Api, countedApi } from "../../model/api";

/** What stands for a prompt in a list. */
const enum Form {
  /** A message with the prompt's role. */
  Message,
  /** Gemini's content. */
  Content,
  /** A block of the system prompt: Anthropic's, Gemini's. */
  Block,
  Part,
}

/** What a form has before and behind the text. */
const HEADS: StaticArray<string> = ['","content":', '{"role":"user","parts":[{"text":', '{"type":"text","text":', '{"text":'];
const TAILS: StaticArray<string> = ["}", "}]}", "}", "}"];

/** True for APIs whose requests have messages. */
export function hasPrompts(api: Api): bool {
  const counted = countedApi(api);
  return (
    counted == Api.ChatCompletions ||
    counted == Api.Messages ||
    counted == Api.Responses ||
    counted == Api.GeminiGenerate ||
    counted == Api.GeminiStreamGenerate
  );
}

/** The body with the prompts in it; the same bytes when it has no place for them. */
export function withPrompts(body: View, api: Api, prompts: Array<Prompt>): View {
  const patches = new PatchList();
  const editor = ObjectEditor.read(body, 0, patches);
  if (editor === null) return body;
  new Prompter(editor, prompts).add(countedApi(api));
  return applied(editor, body);
}

function applied(editor: ObjectEditor, text: View): View {
  editor.finish();
  return editor.patches.appliedTo(text);
}

/** Puts prompts into one object. */
@final
class Prompter {
  constructor(
    private editor: ObjectEditor,
    private prompts: Array<Prompt>,
  ) {}

  add(api: Api): void {
    const editor = this.editor;
    if (api == Api.ChatCompletions) this.list("messages", Form.Message, true, true);
    else if (api == Api.Messages) {
      this.system("system");
      this.list("messages", Form.Message, false, true);
    } else if (api == Api.Responses) {
      this.system("instructions");
      this.list("input", Form.Message, false, true);
    } else {
      // A request that is to be counted may stand in a member.
      const whole = either(editor, "generateContentRequest", "generate_content_request");
      if (this.within(whole, api)) return;
      this.system(either(editor, "systemInstruction", "system_instruction"));
      this.list("contents", Form.Content, false, true);
    }
  }

  /** The same in the object that a member is; false when it is none. */
  private within(name: string, api: Api): bool {
    const raw = this.editor.raw(this.editor.find(name));
    const inner = ObjectEditor.read(raw, 0, new PatchList());
    if (inner === null) return false;
    new Prompter(inner, this.prompts).add(api);
    this.editor.set(name, applied(inner, raw));
    return true;
  }

  /** Puts those for the system into a text, a list of blocks, or Gemini's content, as the client has it or the API wants it. */
  private system(name: string): void {
    const editor = this.editor;
    const member = editor.find(name);
    const raw = editor.raw(member);
    const kind = editor.kind(member);
    const isGemini = name.startsWith("system") && name.length > 6;
    const isAbsent = kind == JsonKind.None || kind == JsonKind.Null;
    if (kind == JsonKind.Array && name == "system") this.list(name, Form.Block, true, false);
    else if (isGemini && (isAbsent || kind == JsonKind.Object)) {
      const text = isAbsent ? View.utf8("{}") : raw;
      const inner = ObjectEditor.read(text, 0, new PatchList());
      if (inner === null) return;
      new Prompter(inner, this.prompts).list("parts", Form.Part, true, false);
      const content = applied(inner, text);
      if (content !== text) editor.set(name, content);
    } else if (isAbsent || kind == JsonKind.String) this.text(name, isAbsent ? View.empty() : raw.slice(1, raw.length - 1));
  }

  /** Sets a text: `inner` between the prompts for the system, each a paragraph. */
  private text(name: string, inner: View): void {
    const out = new Buffer(inner.length + 256);
    this.paragraphs(out, false);
    if (inner.length != 0) paragraph(out, inner);
    this.paragraphs(out, true);
    if (out.length == inner.length) return;
    const quotedText = new Buffer(out.length + 2);
    quotedText.wrap('"', out.toView(), '"');
    this.editor.set(name, quotedText.toView());
  }

  private paragraphs(out: Buffer, isLast: bool): void {
    for (let k = 0; k < this.prompts.length; k++) {
      const prompt = this.prompts[k];
      if (prompt.isLast == isLast && !isUsers(prompt)) paragraph(out, prompt.content.slice(1, prompt.content.length - 1));
    }
  }

  /** Puts prompts of the roles that are meant around the items of a list; what stands in a list's place becomes its only item. */
  private list(name: string, form: Form, forSystem: bool, forUser: bool): void {
    const editor = this.editor;
    const member = editor.find(name);
    const raw = editor.raw(member);
    const kind = editor.kind(member);
    const isSingle = (kind == JsonKind.Object && form >= Form.Content) || (kind == JsonKind.String && name == "input");
    const isMade = form == Form.Part && kind == JsonKind.None;
    if (kind != JsonKind.Array && !isSingle && !isMade) return;
    const out = new Buffer(raw.length + 1024);
    out.byte(Ascii.LeftBracket);
    this.items(out, false, form, forSystem, forUser);
    const before = out.length;
    if (isSingle || hasItems(raw)) {
      if (before > 1) out.byte(Ascii.Comma);
      if (kind == JsonKind.String) out.wrap('{"role":"user","content":', raw, "}");
      else out.range(raw, isSingle ? 0 : 1, isSingle ? raw.length : raw.length - 1);
    }
    const end = out.length;
    this.items(out, true, form, forSystem, forUser);
    if (before == 1 && out.length == end) return;
    out.byte(Ascii.RightBracket);
    editor.set(name, out.toView());
  }

  private items(out: Buffer, isLast: bool, form: Form, forSystem: bool, forUser: bool): void {
    for (let k = 0; k < this.prompts.length; k++) {
      const prompt = this.prompts[k];
      if (prompt.isLast != isLast || !(isUsers(prompt) ? forUser : forSystem)) continue;
      if (out.length > 1) out.byte(Ascii.Comma);
      if (form == Form.Message) out.put('{"role":"', prompt.role);
      out.wrap(HEADS[form], prompt.content, TAILS[form]);
    }
  }
}

function isUsers(prompt: Prompt): bool {
  return prompt.role.equals("user");
}

/** Appends the inside of a JSON string as a further paragraph. */
function paragraph(out: Buffer, inner: View): void {
  if (out.length != 0) out.ascii("\\n\\n");
  out.view(inner);
}

function hasItems(raw: View): bool {
  const cursor = new JsonCursor().reset(raw);
  return cursor.beginArray() && cursor.nextItem();
}

/** Google reads both spellings of its names. */
function either(editor: ObjectEditor, name: string, other: string): string {
  return editor.find(other) >= 0 ? other : name;
}
