// The output of a response as it grows: items one after another, calls side by side as the upstream tells them. Writes the events of
// each step, and keeps what `.done` events and the whole response repeat.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { TextTally } from "../../usage/estimate";
import { PartKind } from "../conversation/response-parts";
import { SealKind, writeSeal } from "../conversation/seal";
import { EventWriter, writePart } from "./events";
import { customInput, writeItem } from "./item-json";
import { OutputItem, OutputKind } from "./output-item";
import { ToolKind, ToolTable } from "./tool-table";

/** Items of one response; beyond, the stream ends with an error. */
const MAX_ITEMS: i32 = 1024;

@final
export class Output {
  /** In the order in which they began. */
  private items: Array<OutputItem> = [];
  /** Calls, also those whose name is still missing. */
  private calls: Array<OutputItem> = [];
  /** The message or reasoning that is open. */
  private open: OutputItem | null = null;
  private scratch: Buffer = new Buffer(256);
  /** Bytes that are kept. */
  heldBytes: i32 = 0;
  /** What all ids have in common, escaped inner bytes; to be set before the first piece. */
  id: View = View.empty();

  constructor(
    public events: EventWriter,
    public table: ToolTable,
    /** Counts what is told. */
    private text: TextTally,
  ) {}

  get isFull(): bool {
    return this.items.length >= MAX_ITEMS || this.calls.length >= MAX_ITEMS;
  }

  /** A piece of a part of that kind, escaped inner bytes. `logprobs`: items of a JSON list. */
  piece(kind: PartKind, inner: View, logprobs: View = View.empty()): void {
    if (inner.length == 0 || this.isFull) return;
    const item = this.openPart(kind);
    this.text.addOuter(inner);
    item.text.view(inner);
    this.heldBytes += inner.length + logprobs.length;
    if (logprobs.length != 0) {
      if (item.logprobs.length != 0) item.logprobs.byte(Ascii.Comma);
      item.logprobs.view(logprobs);
    }
    this.events.delta(item, inner, logprobs);
  }

  /** An annotation of the text that is open; none without one. `json` is its object. */
  annotate(json: View): void {
    const item = this.open;
    if (item === null || item.part != PartKind.Text) return;
    if (item.annotationCount > 0) item.annotations.byte(Ascii.Comma);
    item.annotations.view(json);
    this.heldBytes += json.length;
    this.events.annotation(item, item.annotationCount++, json);
  }

  /**
   * A page that the bytes `[start, end)` of the open text cite, as the last members of an annotation; it is told when the text has
   * ended. `opens`: a text is begun where none is open.
   */
  cite(link: View, start: i32, end: i32, opens: bool): void {
    const open = this.open;
    if (link.length == 0 || (!opens && (open === null || open.part != PartKind.Text))) return;
    this.openPart(PartKind.Text).links.add(link, start, end);
    this.heldBytes += link.length;
  }

  /** The text that is open ends; the next one is a part of its own. */
  endText(): void {
    const item = this.open;
    if (item !== null && item.kind == OutputKind.Message) this.closePart(item);
  }

  /** A signed block of thinking of Anthropic's: it belongs to the reasoning that is open and ends it. */
  addBlock(doc: JsonDocument, block: i32): void {
    if (this.isFull) return;
    const item = this.openItem(OutputKind.Reasoning);
    const payload = new Buffer(doc.raw(block).length + item.text.length + 16);
    payload.byte(Ascii.LeftBracket);
    // A streamed block too long to be repeated carries its signature only; its text is the reasoning that came before.
    const isBare = item.text.length != 0 && doc.memberIs(block, "thinking", "");
    if (isBare) {
      payload.wrap('{"type":"thinking","thinking":"', item.text.window(), '","signature":');
      payload.view(doc.raw(doc.get(block, "signature")));
      payload.byte(Ascii.RightBrace);
    } else payload.view(doc.raw(block));
    payload.byte(Ascii.RightBracket);
    this.addSeal(SealKind.Anthropic, payload.toView());
  }

  /** What a provider has sealed (decoded UTF-8): in the reasoning item that is open, or one of its own, which ends with it. */
  addSeal(kind: SealKind, payload: View): void {
    if (this.isFull) return;
    const seal = this.openItem(OutputKind.Reasoning).seal;
    writeSeal(kind, payload, seal);
    this.heldBytes += seal.length;
    this.closeOpen("completed");
  }

  // ---- messages and reasoning ---------------------------------------------------------------------------------------

  private openItem(kind: OutputKind): OutputItem {
    const open = this.open;
    if (open !== null && open.kind == kind) return open;
    this.closeOpen("completed");
    this.closeCalls("completed", false);
    const item = new OutputItem(kind, this.items.length, this.id);
    this.open = item;
    this.add(item);
    return item;
  }

  private openPart(kind: PartKind): OutputItem {
    const item = this.openItem(kind == PartKind.Text || kind == PartKind.Refusal ? OutputKind.Message : OutputKind.Reasoning);
    if (item.part == kind) return item;
    this.closePart(item);
    item.part = kind;
    item.partIndex++;
    const json = this.cleared();
    writePart(kind, View.empty(), View.empty(), View.empty(), json);
    this.events.part(".added", item, json.window());
    return item;
  }

  private closePart(item: OutputItem): void {
    if (item.part == PartKind.None) return;
    const notes = item.links.take(item.text.window());
    for (let k = 0; k < notes.length; k++) this.annotate(notes[k]);
    this.events.done(item);
    if (item.parts.length != 0) item.parts.byte(Ascii.Comma);
    const start = item.parts.length;
    writePart(item.part, item.text.window(), item.annotations.window(), item.logprobs.window(), item.parts);
    this.events.part(".done", item, item.parts.toView().slice(start, item.parts.length));
    item.part = PartKind.None;
    item.text.clearTo(64);
    item.annotations.clearTo(16);
    item.annotationCount = 0;
    item.logprobs.clearTo(16);
  }

  private closeOpen(status: string): void {
    const item = this.open;
    if (item === null) return;
    this.closePart(item);
    this.end(item, status);
    item.parts.clearTo(16);
    this.open = null;
  }

  /** A picture, as a data URI (escaped inner bytes); any other address is left out. */
  picture(url: View): void {
    const item = OutputItem.image(url, this.items.length, this.id);
    if (item === null || this.isFull) return;
    this.closeOpen("completed");
    this.closeCalls("completed", false);
    this.heldBytes += item.text.length;
    this.add(item);
    this.events.steps(item);
    this.end(item, "completed");
    item.text.clearTo(16);
  }

  private cleared(): Buffer {
    this.scratch.clearTo(1024);
    return this.scratch;
  }

  private add(item: OutputItem): void {
    this.items.push(item);
    item.isAdded = true;
    const json = this.cleared();
    writeItem(item, "in_progress", false, json);
    this.events.item(".added", item, json.window());
  }

  private end(item: OutputItem, status: string): void {
    item.isDone = true;
    writeItem(item, status, true, item.json);
    this.events.item(".done", item, item.json.window());
  }

  // ---- calls --------------------------------------------------------------------------------------------------------

  /**
   * A piece of a call: the upstream's index, and id, name and arguments as far as they come with it (escaped inner bytes). `seal`:
   * what Google has signed for it (decoded UTF-8).
   */
  call(key: i64, id: View, name: View, pieces: View, seal: View): void {
    let item = this.findCall(key, id, name);
    if (item === null) {
      // Empty fields beside text (Snowflake Cortex, Nov 2026) begin nothing.
      if ((name.length == 0 && id.length == 0 && pieces.length == 0) || this.isFull) return;
      if (seal.length != 0) this.addSeal(SealKind.Google, seal);
      else this.closeOpen("completed");
      this.closeCalls("completed", false);
      item = new OutputItem(OutputKind.Call, -1, this.id);
      item.key = key;
      this.calls.push(item);
    }
    // After the end of its arguments: white space in practice.
    if (item.isDone) return;
    if (!item.isAdded) {
      // Some servers repeat id and name in every chunk; the first ones count.
      if (item.id.length == 0) item.id = id.copy();
      if (item.name.length == 0) item.name = name.copy();
      if (item.name.length != 0) this.beginCall(item);
    }
    if (pieces.length == 0) return;
    this.text.addOuter(pieces);
    item.text.view(pieces);
    item.whole.follow(pieces);
    this.heldBytes += pieces.length;
    if (item.isAdded && item.toolKind == ToolKind.Function) this.events.call("function_call_arguments", ".delta", item, "delta", pieces);
  }

  /** Another id together with a name is another call: Gemini's compatible API gives every parallel one index 0 (Nov 2026). */
  private findCall(key: i64, id: View, name: View): OutputItem | null {
    for (let k = this.calls.length - 1; k >= 0; k--) {
      const item = this.calls[k];
      if (item.key != key) continue;
      const isOther = id.length != 0 && name.length != 0 && item.id.length != 0 && !item.id.sameAs(id);
      return isOther ? null : item;
    }
    return null;
  }

  private beginCall(item: OutputItem): void {
    item.tool = this.table.find(item.name);
    item.index = this.items.length;
    this.add(item);
    // What came before the name.
    if (item.text.length == 0 || item.toolKind != ToolKind.Function) return;
    this.events.call("function_call_arguments", ".delta", item, "delta", item.text.window());
  }

  /** Ends the calls whose arguments are whole, or all of them. */
  private closeCalls(status: string, all: bool): void {
    for (let k = 0; k < this.calls.length; k++) {
      const item = this.calls[k];
      if (item.isDone || !(all || item.whole.isWhole)) continue;
      if (!item.isAdded) {
        if (!all) continue;
        this.beginCall(item);
      }
      this.endCall(item, status);
    }
  }

  private endCall(item: OutputItem, status: string): void {
    const kind = item.toolKind;
    if (kind == ToolKind.Function) {
      // No arguments at all: clients parse what they are given.
      if (item.text.length == 0) {
        item.text.ascii("{}");
        this.events.call("function_call_arguments", ".delta", item, "delta", item.text.window());
      }
      this.events.call("function_call_arguments", ".done", item, "arguments", item.text.window());
    } else if (kind == ToolKind.Custom) {
      const input = customInput(item.text.window());
      this.events.call("custom_tool_call_input", ".delta", item, "delta", input);
      this.events.call("custom_tool_call_input", ".done", item, "input", input);
    }
    this.end(item, status);
    item.text.clearTo(16);
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  /** Ends what is still open, with that status. */
  finish(status: string): void {
    this.closeOpen(status);
    this.closeCalls(status, true);
  }

  /** Appends the items that are done, as a JSON list. */
  write(out: Buffer): void {
    out.byte(Ascii.LeftBracket);
    let isFirst = true;
    for (let k = 0; k < this.items.length; k++) {
      if (!this.items[k].isDone) continue;
      if (!isFirst) out.byte(Ascii.Comma);
      isFirst = false;
      out.view(this.items[k].json.window());
    }
    out.byte(Ascii.RightBracket);
  }
}
