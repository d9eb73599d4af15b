// The events of a response's stream as bytes (OpenAI's API reference, "Streaming events", as in the package openai 6.49, Nov 2026).
// It numbers them; their order is the caller's business. When it is quiet nothing is written: for whole responses.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { PartKind, STEMS } from "../conversation/response-parts";
import { OutputItem } from "./output-item";

/** By PartKind: its type, the member that holds its text, its own events, its index. */
const TYPES: StaticArray<string> = ["", "output_text", "refusal", "summary_text", "reasoning_text"];
const FIELDS: StaticArray<string> = ["", "text", "refusal", "text", "text"];
const PARTS: StaticArray<string> = ["", "content_part", "content_part", "reasoning_summary_part", "content_part"];
const INDEXES: StaticArray<string> = ["", "content_index", "content_index", "summary_index", "content_index"];
const IMAGE_STEPS: StaticArray<string> = [".in_progress", ".generating", ".completed"];

@final
export class EventWriter {
  /** Where events go; set by the caller before each upstream event. */
  out: Buffer = new Buffer(16);
  isQuiet: bool = false;
  private sequence: i32 = 0;

  /** Begins an event; false when nothing is to be written. */
  begin(stem: string, suffix: string = ""): bool {
    if (this.isQuiet) return false;
    const out = this.out;
    out.ascii("event: response.");
    out.ascii(stem);
    out.ascii(suffix);
    out.ascii('\ndata: {"type":"response.');
    out.ascii(stem);
    out.ascii(suffix);
    out.byte(Ascii.Quote);
    return true;
  }

  end(): void {
    this.out.ascii(',"sequence_number":');
    this.out.integer(this.sequence++);
    this.out.ascii("}\n\n");
  }

  /** output_item.added or .done; `json` is the item. */
  item(suffix: string, item: OutputItem, json: View): void {
    if (!this.begin("output_item", suffix)) return;
    this.out.ascii(',"output_index":');
    this.out.integer(item.index);
    this.out.put(',"item":', json);
    this.end();
  }

  /** Which item, and which part of it, an event is about. */
  private place(item: OutputItem, part: PartKind): void {
    const out = this.out;
    out.ascii(',"item_id":"');
    item.writeId(out);
    out.ascii('","output_index":');
    out.integer(item.index);
    if (part == PartKind.None) return;
    out.ascii(',"');
    out.ascii(INDEXES[part]);
    out.ascii('":');
    out.integer(item.partIndex);
  }

  /** content_part.added or .done (or the summary's) for the item's open part; `json` is the part. */
  part(suffix: string, item: OutputItem, json: View): void {
    if (!this.begin(PARTS[item.part], suffix)) return;
    this.place(item, item.part);
    this.out.put(',"part":', json);
    this.end();
  }

  /** A piece of the open part's text. `logprobs`: of its tokens, items of a JSON list. */
  delta(item: OutputItem, inner: View, logprobs: View): void {
    if (!this.begin(STEMS[item.part], ".delta")) return;
    this.place(item, item.part);
    this.member("delta", inner);
    if (item.part == PartKind.Text) this.logprobs(logprobs);
    this.end();
  }

  /** The open part's whole text. */
  done(item: OutputItem): void {
    if (!this.begin(STEMS[item.part], ".done")) return;
    this.place(item, item.part);
    this.member(FIELDS[item.part], item.text.window());
    if (item.part == PartKind.Text) this.logprobs(item.logprobs.window());
    this.end();
  }

  /** One annotation of the open text. `number` counts them; `json` is its object. */
  annotation(item: OutputItem, number: i32, json: View): void {
    if (!this.begin("output_text.annotation", ".added")) return;
    this.place(item, item.part);
    this.out.ascii(',"annotation_index":');
    this.out.integer(number);
    this.out.put(',"annotation":', json);
    this.end();
  }

  /** A piece of a call's arguments or input: `stem` names its events, `field` what holds the text; all of it in the last. */
  call(stem: string, suffix: string, item: OutputItem, field: string, inner: View): void {
    if (!this.begin(stem, suffix)) return;
    this.place(item, PartKind.None);
    this.member(field, inner);
    this.end();
  }

  /** The events of a picture that comes at once: they say which item they are about, and no more. */
  steps(item: OutputItem): void {
    for (let k = 0; k < IMAGE_STEPS.length; k++) {
      if (!this.begin("image_generation_call", IMAGE_STEPS[k])) return;
      this.place(item, PartKind.None);
      this.end();
    }
  }

  private member(name: string, inner: View): void {
    const out = this.out;
    out.ascii(',"');
    out.ascii(name);
    out.wrap('":"', inner, '"');
  }

  private logprobs(items: View): void {
    this.out.wrap(',"logprobs":[', items, "]");
  }
}

/** Appends the JSON of a part with `inner` as its text. */
export function writePart(kind: PartKind, inner: View, annotations: View, logprobs: View, out: Buffer): void {
  out.ascii('{"type":"');
  out.ascii(TYPES[kind]);
  if (kind == PartKind.Text) {
    out.wrap('","annotations":[', annotations, '],"logprobs":[');
    out.view(logprobs);
    out.ascii('],"text":"');
  } else {
    out.ascii('","');
    out.ascii(FIELDS[kind]);
    out.ascii('":"');
  }
  out.view(inner);
  out.ascii('"}');
}
