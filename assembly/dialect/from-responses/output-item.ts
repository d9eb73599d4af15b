// One item of a response's output as far as it has been told.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { PartKind } from "../conversation/response-parts";
import { WholeArguments } from "../conversation/whole-arguments";
import { Links } from "./links";
import { Tool, ToolKind } from "./tool-table";

export const enum OutputKind {
  Message,
  Reasoning,
  Call,
  /** A picture that the model has made: the text is its data. */
  Image,
}

@final
export class OutputItem {
  /** The open part, its place among the item's parts, and its text so far; of a call, the arguments (escaped inner bytes). */
  part: PartKind = PartKind.None;
  partIndex: i32 = -1;
  text: Buffer = new Buffer(64);
  /** Of the open text: items of JSON lists. */
  annotations: Buffer = new Buffer(16);
  annotationCount: i32 = 0;
  logprobs: Buffer = new Buffer(16);
  links: Links = new Links();
  /** Parts that have ended, as JSON with a comma between. */
  parts: Buffer = new Buffer(16);
  /** Reasoning: the envelope of what a provider has sealed, escaped inner bytes. */
  seal: Buffer = new Buffer(16);
  /** A call's: the upstream's index, id and name (escaped inner bytes, owned), the tool that it is of (null: a function). */
  key: i64 = -1;
  id: View = View.empty();
  name: View = View.empty();
  tool: Tool | null = null;
  whole: WholeArguments = new WholeArguments();
  isAdded: bool = false;
  isDone: bool = false;
  /** All of it as JSON, once it is done. */
  json: Buffer = new Buffer(16);

  /** `index` is its place in the output, -1 until it is known; `response`: what its id and the response's have in common. */
  constructor(
    public kind: OutputKind,
    public index: i32,
    private response: View,
  ) {}

  /** The item of a picture, from a data URI (escaped inner bytes); null for any other address. */
  static image(url: View, index: i32, response: View): OutputItem | null {
    const comma = url.indexOf(Ascii.Comma);
    if (!url.startsWith("data:image/") || !url.slice(0, comma).endsWith(";base64")) return null;
    const item = new OutputItem(OutputKind.Image, index, response);
    item.name = url.slice(11, url.indexOf(Ascii.Semicolon)).copy();
    item.text.view(url.slice(comma + 1, url.length));
    return item;
  }

  get toolKind(): ToolKind {
    const tool = this.tool;
    return tool === null ? ToolKind.Function : tool.kind;
  }

  /** Appends the item's id, without quotes. */
  writeId(out: Buffer): void {
    const kind = this.kind;
    out.ascii(
      kind == OutputKind.Call ? CALL_IDS[this.toolKind] : kind == OutputKind.Message ? "msg_" : kind == OutputKind.Image ? "ig_" : "rs_",
    );
    this.writeNumber(out);
  }

  /** Appends the id that joins a call with its output, without quotes: the upstream's, or one of our own. */
  writeCallId(out: Buffer): void {
    if (this.id.length != 0) {
      out.view(this.id);
      return;
    }
    out.ascii("call_");
    this.writeNumber(out);
  }

  private writeNumber(out: Buffer): void {
    out.view(this.response);
    out.byte(Ascii.Underscore);
    out.integer(this.index);
  }
}

/** By ToolKind, as OpenAI's begin. */
const CALL_IDS: StaticArray<string> = ["fc_", "ctc_", "lsh_", "sh_", "apc_", "tsc_"];
