// Who speaks in a message of OpenAI's form.

import { JsonDocument, NONE } from "../../json/document";

/** True for system instructions; `developer` is OpenAI's newer name for them. */
export function isSystem(doc: JsonDocument, message: i32): bool {
  const role = doc.get(message, "role");
  return doc.textIn(role, "system developer");
}

/** True for what the model said. */
export function isAssistant(doc: JsonDocument, message: i32): bool {
  return doc.memberIs(message, "role", "assistant");
}

/** True when the list holds system messages and nothing else. */
export function isAllSystem(doc: JsonDocument, messages: i32): bool {
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (!isSystem(doc, message)) return false;
  }
  return doc.first(messages) != NONE;
}
