// Dify's ids of a response: which of them becomes OpenAI's, and the conversation's, which the client sends back.

import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { idOr } from "../conversation/ids";
import { Bot } from "./bot";

@final
export class ResponseIds {
  /** Plain UTF-8, owned; empty until read. */
  conversation: View = View.empty();
  private message: View = View.empty();
  private run: View = View.empty();

  /** Takes what the parsed object names and was not known before. */
  read(doc: JsonDocument): void {
    this.conversation = known(doc, "conversation_id", this.conversation);
    this.message = known(doc, "message_id", this.message);
    this.run = known(doc, "workflow_run_id", this.run);
  }

  /**
   * The response's id. Of chats it is the conversation's, as Higress has it: the headers of a stream are gone before the id is
   * known, so this is the one place where a client that streams can read it.
   */
  response(bot: Bot, nonce: u64): View {
    let id = bot == Bot.Workflow ? this.run : bot == Bot.Completion ? this.message : this.conversation;
    if (id.length == 0) id = this.message;
    return idOr(id, nonce);
  }
}

function known(doc: JsonDocument, name: string, before: View): View {
  if (before.length != 0) return before;
  const given = doc.text(doc.root(name));
  return given.length != 0 ? given.copy() : before;
}
