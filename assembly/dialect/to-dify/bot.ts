// The kinds of Dify application, each with an endpoint of its own.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { trimSlashes } from "../../http/url";

export const enum Bot {
  /** Chatbots and chatflows. */
  Chat,
  /** Agents old and new: the same endpoint, but they answer in streams only. */
  Agent,
  Completion,
  Workflow,
}

/** The kind that the configuration's `botType` names; Chat for everything else. */
export function botOf(type: View): Bot {
  if (type.equals("Agent")) return Bot.Agent;
  if (type.equals("Completion")) return Bot.Completion;
  return type.equals("Workflow") ? Bot.Workflow : Bot.Chat;
}

/** Appends the path of the call; `base` is what stands before the endpoint, `/v1` when it is empty. */
export function writeBotPath(bot: Bot, base: View, out: Buffer): void {
  const prefix = trimSlashes(base);
  if (prefix.length != 0) out.view(prefix);
  else out.ascii("/v1");
  out.ascii(bot == Bot.Workflow ? "/workflows/run" : bot == Bot.Completion ? "/completion-messages" : "/chat-messages");
}
