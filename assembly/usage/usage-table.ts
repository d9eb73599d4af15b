// All that the meter watches in bytes that pass: the counts (fields.ts), and beside them names, errors and text.

import { WatchTable } from "../json/watch-table";
import { Field, addCounts } from "./fields";

let shared: WatchTable | null = null;

/** All that the meter watches, made on first use and shared. */
export function usageTable(): WatchTable {
  let table = shared;
  if (table !== null) return table;
  table = new WatchTable();
  shared = table;
  names(table);
  addCounts(table);
  table.acceptLists();
  content(table);
  return table;
}

function names(table: WatchTable): void {
  table.add("model", Field.MODEL);
  table.add("response.model", Field.MODEL);
  table.add("message.model", Field.MODEL);
  table.add("modelVersion", Field.MODEL);
  table.add("id", Field.ID);
  table.add("response.id", Field.ID);
  table.add("message.id", Field.ID);
  table.add("responseId", Field.ID);
  table.add("request_id", Field.ID);
  table.add("usage", Field.USAGE);
  table.add("choices", Field.CHOICES);
  table.add("choices[]", Field.CHOICE);
  errors(table, "error");
  errors(table, "response.error"); // The Responses API's event response.failed.
  table.add("base_resp.status_code", Field.BASE_RESP);
}

function errors(table: WatchTable, at: string): void {
  table.add(at, Field.ERROR);
  table.add(at + ".code", Field.ERROR_CODE);
  table.add(at + ".status", Field.ERROR_CODE); // Google: beside the number, the word.
  table.add(at + ".details[].reason", Field.ERROR_CODE); // Google's word for a key that is not valid (AIP-193, google.rpc.ErrorInfo).
  table.add(at + ".type", Field.ERROR_TYPE);
}

function content(table: WatchTable): void {
  // OpenAI's padding against guesses from the length of events, and the count of the Responses API (Nov 2026).
  table.add("obfuscation", Field.VARYING, true);
  table.add("sequence_number", Field.VARYING);
  table.add("choices[].delta.content", Field.CONTENT, true);
  // Pictures of OpenAI's images API, one an entry.
  table.add("data[].url", Field.IMAGE);
  table.add("data[].b64_json", Field.IMAGE, true);
  // Mistral's lists of text and thinking parts (Nov 2026).
  parts(table, "choices[].delta.content[]");
  parts(table, "choices[].message.content[]");
  table.add("choices[].delta.reasoning_content", Field.CONTENT, true);
  table.add("choices[].delta.reasoning", Field.CONTENT, true);
  table.add("choices[].delta.refusal", Field.CONTENT, true);
  table.add("choices[].delta.tool_calls[]", Field.CONTENT_OBJECT);
  table.add("choices[].delta.tool_calls[].function.arguments", Field.CONTENT, true);
  table.add("choices[].message.tool_calls[].function.arguments", Field.CONTENT, true);
  table.add("choices[].message.reasoning_content", Field.CONTENT, true);
  table.add("choices[].text", Field.CONTENT, true);
  table.add("choices[].message.content", Field.CONTENT, true);
  // Whole responses of the Responses and the Messages API.
  table.add("output[].content[].text", Field.CONTENT, true);
  table.add("content[].text", Field.CONTENT, true);
  // Responses: `delta` is a string; Anthropic: an object.
  table.add("delta", Field.CONTENT, true);
  table.add("delta.text", Field.CONTENT, true);
  table.add("delta.thinking", Field.CONTENT, true);
  table.add("delta.partial_json", Field.CONTENT, true);
  table.add("candidates[].content.parts[].text", Field.CONTENT, true);
  table.add("candidates[].content.parts[].functionCall", Field.CONTENT_OBJECT);
}

function parts(table: WatchTable, at: string): void {
  table.add(at + ".text", Field.CONTENT, true);
  table.add(at + ".thinking[].text", Field.CONTENT, true);
}
