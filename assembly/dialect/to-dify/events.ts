// Reads Dify's stream events, whatever is made of them: each has its type in the member `event`. Two readers build on it, one
// that writes a stream and one that gathers a whole response. Source: Dify's API reference and streaming guide (Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { errorTypeOf } from "../conversation/error-writer";
import { innerMember } from "../conversation/inner";
import { INVALID_EVENT } from "../conversation/sentences";
import { Bot } from "./bot";
import { codeOf, messageOf } from "./error";
import { faultText, finishReason, workflowFault } from "./finish-reason";
import { ResponseIds } from "./ids";
import { writeOutput } from "./output";
import { ThoughtTrack } from "./thought-track";

export abstract class EventReader {
  /** The response has come to its end. */
  finished: bool = false;
  /** It has ended as an error. */
  failed: bool = false;
  protected hasText: bool = false;
  private doc: JsonDocument = new JsonDocument();
  private thoughts: ThoughtTrack = new ThoughtTrack();
  /** The text comes as agent_message: a `message` repeats all of it then. */
  private isAgent: bool = false;
  private isReplaced: bool = false;

  constructor(
    protected ids: ResponseIds,
    protected report: UsageReport,
    protected bot: Bot,
    private outputVariable: View,
  ) {}

  /** New text, escaped inner bytes; never empty. */
  abstract onText(inner: View): void;
  /** The whole text once more, or another in its place when moderation has `replaced` it. */
  abstract onWholeText(inner: View, replaced: bool): void;
  abstract onReasoning(inner: View): void;
  /** A picture; `url` is a JSON string. */
  abstract onImage(url: View): void;
  abstract onFinish(reason: string): void;
  abstract onError(inner: View, type: string, code: string): void;

  /** Reads one event. After the end and after an error nothing more is told. */
  read(name: View, data: View): void {
    if (this.failed || this.finished || data.length == 0 || data.equals("[DONE]")) return;
    const doc = this.doc;
    if (!doc.parse(data)) {
      this.fail(View.utf8(INVALID_EVENT), "upstream_error", "invalid_event");
      return;
    }
    const given = doc.textOf(0, "event");
    const event = given.length != 0 ? given : name;
    this.ids.read(doc);
    if (event.equals("error")) {
      const status = doc.integer(doc.root("status"), 500);
      this.fail(messageOf(doc), errorTypeOf(status > 999 ? 500 : <i32>status), codeOf(doc));
    } else if (!this.readResponse(event)) this.readRun(event);
  }

  /** Events of chats, agents and text generators; false for others. */
  private readResponse(event: View): bool {
    const doc = this.doc;
    const response = innerMember(doc, 0, "answer");
    if (event.equals("message")) {
      if (!this.isAgent) this.addText(response);
      else if (response.length != 0) this.onWholeText(response, false);
    } else if (event.equals("agent_message")) {
      if (response.length != 0) this.isAgent = true;
      this.thoughts.said(response);
      this.addText(response);
    } else if (event.equals("agent_thought")) {
      const news = this.thoughts.news(doc.textOf(0, "id"), innerMember(doc, 0, "thought"));
      if (news.length != 0 && this.thoughts.isNext) this.onReasoning(View.utf8("\\n\\n"));
      if (news.length != 0) this.onReasoning(news);
    } else if (event.equals("message_replace")) {
      this.isReplaced = true;
      this.onWholeText(response, true);
      if (response.length != 0) this.hasText = true;
    } else if (event.equals("message_file")) {
      const url = doc.root("url");
      const isOwn = !doc.memberIs(0, "belongs_to", "user");
      if (isOwn && doc.memberIs(0, "type", "image") && doc.isString(url)) this.onImage(doc.raw(url));
    } else if (event.equals("message_end")) {
      readUsage(doc, 0, this.report);
      this.finish();
    } else return false;
    return true;
  }

  /**
   * Events of workflows, which chatflows have as well. What is not named here (nodes, iterations, speech) is for onlookers.
   */
  private readRun(event: View): void {
    const doc = this.doc;
    const data = doc.root("data");
    if (event.equals("text_chunk")) this.addText(innerMember(doc, data, "text"));
    else if (event.equals("reasoning_chunk")) {
      const reasoning = innerMember(doc, data, "reasoning");
      if (reasoning.length != 0) this.onReasoning(reasoning);
    } else if (event.equals("workflow_paused")) this.failRun(data, "workflow_paused");
    else if (event.equals("workflow_finished")) this.endRun(data);
  }

  private endRun(data: i32): void {
    const doc = this.doc;
    readUsage(doc, 0, this.report);
    const fault = workflowFault(doc, doc.get(data, "status"));
    // A chatflow that was stopped still says message_end.
    if (fault.length != 0 && (this.bot == Bot.Workflow || fault == "workflow_failed")) {
      this.failRun(data, fault);
      return;
    }
    // Of a chatflow message_end is the end, before or after this event.
    if (this.bot != Bot.Workflow) return;
    if (!this.hasText) {
      const output = new Buffer(256);
      writeOutput(doc, doc.get(data, "outputs"), this.outputVariable, output);
      this.addText(output.toView());
    }
    this.finish();
  }

  private failRun(data: i32, code: string): void {
    const inner = innerMember(this.doc, data, "error");
    this.fail(inner.length != 0 ? inner : View.utf8(faultText(code)), "upstream_error", code);
  }

  private addText(inner: View): void {
    if (inner.length == 0) return;
    this.onText(inner);
    this.hasText = true;
  }

  private finish(): void {
    this.finished = true;
    this.onFinish(finishReason(this.isReplaced));
  }

  private fail(inner: View, type: string, code: string): void {
    this.failed = true;
    this.onError(inner, type, code);
  }
}
