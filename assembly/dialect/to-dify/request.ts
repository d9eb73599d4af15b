// A chat completion body -> the body of chat-messages, completion-messages or workflows/run. What the model is told beside
// the text (sampling, tools, format) is the application's own affair. The table of fields is docs/translation-dify.md.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { innerMember } from "../conversation/inner";
import { REQUEST_TOO_LARGE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { Bot } from "./bot";
import { ConversationReader } from "./conversation";
import { copyFiles } from "./files";

@final
export class RequestWriter extends Refusing {
  /** `variable` names the input that takes the text of workflows and text generators; empty for `query`. */
  constructor(
    private doc: JsonDocument,
    private bot: Bot,
    private variable: View,
  ) {
    super();
    if (variable.length == 0) this.variable = View.utf8("query");
  }

  /** Writes the body for the parsed document. `conversationId` is plain UTF-8, empty for a new conversation. */
  write(streams: bool, conversationId: View, out: Buffer): bool {
    const doc = this.doc;
    const isChat = this.bot == Bot.Chat || this.bot == Bot.Agent;
    if (forcesTool(doc)) return this.refuse("Dify's applications call their own tools only.", "tool_choice");
    const conversation = new ConversationReader(doc);
    if (!conversation.read(doc.root("messages"), isChat && conversationId.length != 0)) {
      return this.refuse(conversation.problem, conversation.problemParam);
    }
    out.ascii('{"inputs":{');
    this.writeInputs(isChat, conversation.query, out);
    out.byte(Ascii.RightBrace);
    if (isChat) {
      out.put(',"query":"', conversation.query);
      // Naming a conversation costs tokens, and nobody would see the name.
      out.ascii('","auto_generate_name":false,"conversation_id":');
      writeString(out, conversationId);
    }
    out.ascii(streams ? ',"response_mode":"streaming","user":"' : ',"response_mode":"blocking","user":"');
    this.writeUser(out);
    out.byte(Ascii.Quote);
    copyFiles(doc, doc.root("files"), conversation.files);
    if (conversation.files.length != 0) {
      out.wrap(',"files":[', conversation.files.toView(), "]");
    }
    out.byte(Ascii.RightBrace);
    return !out.overflow || this.refuse(REQUEST_TOO_LARGE, "messages");
  }

  /** The client's own `inputs` (Dify's field), and the text where the application takes it from a variable. */
  private writeInputs(isChat: bool, query: View, out: Buffer): void {
    const doc = this.doc;
    let isFirst = true;
    if (!isChat) {
      writeString(out, this.variable);
      out.wrap(':"', query, '"');
      isFirst = false;
    }
    const inputs = doc.root("inputs");
    if (!doc.isObject(inputs)) return;
    for (let member = doc.first(inputs); member != NONE; member = doc.next(member)) {
      if (!isChat && doc.key(member).sameAs(this.variable)) continue;
      out.ascii(isFirst ? '"' : ',"');
      isFirst = false;
      out.view(doc.rawKey(member));
      out.put('":', doc.raw(member));
    }
  }

  /** Required there. `safety_identifier` is OpenAI's newer name; the last resort is Higress's word. */
  private writeUser(out: Buffer): void {
    const doc = this.doc;
    let user = innerMember(doc, 0, "user");
    if (user.length == 0) user = innerMember(doc, 0, "safety_identifier");
    if (user.length != 0) out.view(user);
    else out.ascii("api-user");
  }
}

/** True when a call is demanded: of client's tools Dify knows nothing, so the demand cannot be met. */
function forcesTool(doc: JsonDocument): bool {
  const choice = doc.root("tool_choice");
  if (doc.isObject(choice)) return !doc.memberIs(choice, "type", "allowed_tools");
  return doc.textIn(choice, "required any");
}
