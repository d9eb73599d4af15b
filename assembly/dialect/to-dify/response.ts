// A whole response -> chat.completion: the JSON of a blocking call, or the events of a call that could be made in no other way.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { decodeInto } from "../../json/text";
import { EventCollector } from "../../sse/collector";
import { SseFramer } from "../../sse/framer";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { Usage } from "../../usage/usage";
import { Choice, CompletionWriter } from "../conversation/completion-writer";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { Bot } from "./bot";
import { EventReader } from "./events";
import { workflowFault } from "./finish-reason";
import { ResponseIds } from "./ids";
import { writeOutput } from "./output";

/** Appends an item of `images` for `url`, a JSON string: OpenRouter's field, as content stays text. */
export function writeImage(out: Buffer, url: View): void {
  out.wrap('{"type":"image_url","image_url":{"url":', url, "}}");
}

/**
 * Takes the response of the parsed blocking body into `choice`, and its ids and counts; false when it holds none, or a run that
 * failed.
 */
export function readBlocking(doc: JsonDocument, outputVariable: View, ids: ResponseIds, report: UsageReport, choice: Choice): bool {
  ids.read(doc);
  readUsage(doc, 0, report);
  const response = doc.root("answer");
  if (doc.isString(response)) {
    choice.addContent(innerOf(doc, response));
    return true;
  }
  const data = doc.root("data");
  if (!doc.isObject(data) || workflowFault(doc, doc.get(data, "status")).length != 0) return false;
  if (!doc.isSet(doc.get(data, "status")) && !doc.isObject(doc.get(data, "outputs"))) return false;
  const output = new Buffer(256);
  writeOutput(doc, doc.get(data, "outputs"), outputVariable, output);
  choice.addContent(output.toView());
  return true;
}

/** Writes the completion for what `choice` has gathered. */
export function writeCompletion(choice: Choice, finish: string, id: View, context: TranslateContext, usage: Usage, out: Buffer): void {
  const writer = new CompletionWriter(context);
  writer.begin(out, id, context.model, context.now);
  writer.choice = choice;
  writer.endChoice(out, finish);
  writer.end(out, usage);
}

/** Gathers the events of a stream as one response. */
@final
export class WholeReader extends EventReader {
  choice: Choice = new Choice();
  reason: string = "";
  /** What a failure says of itself, plain UTF-8; empty without one. */
  failure: Buffer = new Buffer(16);
  private images: Buffer = new Buffer(16);

  constructor(ids: ResponseIds, report: UsageReport, bot: Bot, outputVariable: View) {
    super(ids, report, bot, outputVariable);
  }

  onText(inner: View): void {
    this.choice.addContent(inner);
  }

  onWholeText(inner: View, replaced: bool): void {
    this.choice.content.clear();
    this.choice.addContent(inner);
  }

  onReasoning(inner: View): void {
    this.choice.addReasoning(inner);
  }

  onImage(url: View): void {
    this.images.byte(this.images.length == 0 ? Ascii.LeftBracket : Ascii.Comma);
    writeImage(this.images, url);
  }

  onFinish(reason: string): void {
    this.reason = reason;
    if (this.images.length == 0) return;
    this.images.byte(Ascii.RightBracket);
    this.choice.addExtra("images", this.images.toView());
  }

  onError(inner: View, type: string, code: string): void {
    decodeInto(this.failure, inner, 0, inner.length);
  }
}

/** Hands the events of a whole body to a reader. */
@final
export class EventBody extends EventCollector {
  constructor(
    private reader: EventReader,
    cap: i32,
  ) {
    super(cap);
  }

  read(body: View): void {
    const framer = new SseFramer();
    framer.feed(body, this);
    framer.finish(this);
  }

  onEvent(name: View, data: View): void {
    this.reader.read(name, data);
  }
}
