import "../../../assembly/host/abort";
import { ChunkWriter } from "../../../assembly/dialect/openai/chunk-writer";
import { CompletionWriter } from "../../../assembly/dialect/openai/completion-writer";
import { writeForeignError, writeTruncatedEvent } from "../../../assembly/dialect/openai/error-writer";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { Usage } from "../../../assembly/usage/usage";
export function probe(): i32 {
  const out = new Buffer();
  const w = new ChunkWriter(true, 0);
  w.role(out); w.content(out, View.utf8("x")); w.reasoningText(out, View.utf8("x")); w.toolStart(out, 0, View.empty(), View.empty(), View.empty());
  w.toolArguments(out, 0, View.empty()); w.refusal(out, View.empty()); w.putRaw(out, "a", View.utf8("1")); w.finish(out, "stop"); w.usage(out, new Usage()); w.done(out); w.contentText(out, View.empty());
  const c = new CompletionWriter(0);
  c.begin(out, View.empty(), View.empty(), 1); c.choice.addContentText(View.empty()); c.choice.addToolCall(View.empty(), View.empty(), View.empty()); c.endChoice(out, "stop"); c.end(out, new Usage());
  writeForeignError(out, 500, View.empty()); writeTruncatedEvent(out);
  return out.length;
}
