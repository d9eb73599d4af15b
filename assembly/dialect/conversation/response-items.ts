// The items of the Responses API by their type: which side of the conversation they are on, and what becomes of them.

import { Ascii } from "../../bytes/ascii";
import { JsonDocument } from "../../json/document";

/** In the order of TYPES. */
export const enum ItemKind {
  Message,
  Reasoning,
  FunctionCall,
  CustomCall,
  LocalShellCall,
  ShellCall,
  PatchCall,
  SearchCall,
  FunctionOutput,
  CustomOutput,
  LocalShellOutput,
  ShellOutput,
  PatchOutput,
  SearchOutput,
  ImageCall,
  AdditionalTools,
  /** From here on: what another service keeps or has sealed for itself, refused. */
  Reference,
  Compaction,
  CompactionSummary,
  CompactionTrigger,
  ContextCompaction,
  ComputerOutput,
  Program,
  ProgramOutput,
  /** Calls of server tools, which have no counterpart, and types that are not known: left out. */
  Other,
}

/** Types of items (OpenAI's API reference of the Responses API, as in the package openai 6.49, Nov 2026). */
const TYPES: StaticArray<string> = [
  "message",
  "reasoning",
  "function_call",
  "custom_tool_call",
  "local_shell_call",
  "shell_call",
  "apply_patch_call",
  "tool_search_call",
  "function_call_output",
  "custom_tool_call_output",
  "local_shell_call_output",
  "shell_call_output",
  "apply_patch_call_output",
  "tool_search_output",
  "image_generation_call",
  "additional_tools",
  "item_reference",
  "compaction",
  "compaction_summary",
  "compaction_trigger",
  "context_compaction",
  "computer_call_output",
  "program",
  "program_output",
];

/** The type of the items of a kind. */
export function typeOfItem(kind: ItemKind): string {
  return kind < TYPES.length ? TYPES[kind] : "";
}

/** The kind of an item; without a type it is a message when it has a role, and a reference when it has only an id. */
export function kindOfItem(doc: JsonDocument, item: i32): ItemKind {
  const type = doc.get(item, "type");
  if (!doc.isString(type)) {
    if (doc.isString(doc.get(item, "role"))) return ItemKind.Message;
    return doc.isString(doc.get(item, "id")) ? ItemKind.Reference : ItemKind.Other;
  }
  // Asked for often, and few types have the same length; another spelling of one is longer, with escapes.
  const length = doc.end(type) - doc.start(type) - 2;
  for (let k = 0; k < TYPES.length; k++) if (TYPES[k].length == length && doc.textIs(type, TYPES[k])) return <ItemKind>k;
  if (doc.raw(type).indexOf(Ascii.Backslash) < 0) return ItemKind.Other;
  for (let k = 0; k < TYPES.length; k++) if (doc.textIs(type, TYPES[k])) return <ItemKind>k;
  return ItemKind.Other;
}

/** True for the model's calls of tools that the client runs. */
export function isCall(kind: ItemKind): bool {
  return kind >= ItemKind.FunctionCall && kind <= ItemKind.SearchCall;
}

/** True for the results of such calls. */
export function isOutput(kind: ItemKind): bool {
  return kind >= ItemKind.FunctionOutput && kind <= ItemKind.SearchOutput;
}

/** True for items that the model wrote. */
export function isAssistants(doc: JsonDocument, item: i32, kind: ItemKind): bool {
  if (kind == ItemKind.Message) return doc.memberIs(item, "role", "assistant");
  return kind == ItemKind.Reasoning || kind == ItemKind.ImageCall || isCall(kind);
}

/** True for items that say nothing by themselves, so that they part no turns. */
export function isSilent(kind: ItemKind): bool {
  return kind == ItemKind.Other || kind == ItemKind.AdditionalTools;
}

/** Why an item cannot be sent, and what to send instead; "" for all others. */
export function refusalOf(kind: ItemKind): string {
  if (kind == ItemKind.Reference)
    return "Nothing is stored here that an item_reference could name. Send the item itself (store: false makes clients do so).";
  if (kind >= ItemKind.Compaction && kind <= ItemKind.ContextCompaction)
    return "Nobody but its service can read a compaction. Send the items that it stands for, or a summary as a message.";
  if (kind == ItemKind.ComputerOutput) return "A computer's output cannot be sent to this provider. Send an input_image instead.";
  if (kind == ItemKind.Program || kind == ItemKind.ProgramOutput)
    return "Programs cannot be sent to this provider. Send function calls and their outputs.";
  return "";
}
