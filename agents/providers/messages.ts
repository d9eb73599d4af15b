// Anthropic's Messages: signed thinking comes back first in its turn, results follow directly upon their calls.
import { Provider, sse, type Json, type Reading, type Reply, type Spoken } from "../provider";

export class MessagesProvider extends Provider {
  protected read(body: Json, path: string): Reading {
    const reading: Reading = { tools: [], results: [], seals: [], images: [], isStream: body.stream === true };
    this.check(path.includes("/v1/messages"), `Messages were called at ${path}`);
    this.check(Number.isInteger(body.max_tokens) && body.max_tokens > 0, "max_tokens is missing");
    this.check(body.messages?.[0]?.role === "user", "the first message is not the user's");
    for (const tool of body.tools ?? []) {
      if (tool.input_schema === undefined) continue;
      this.check(tool.input_schema.type === "object", `the schema of ${tool.name} is no object`);
      reading.tools.push({ name: tool.name, schema: tool.input_schema });
    }
    let open: string[] = [];
    for (const { role, content } of body.messages ?? []) {
      this.check(["user", "assistant", "system"].includes(role), `the role ${role} does not exist`);
      const blocks: Json[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
      this.check(blocks.length > 0, "a message has no content");
      const answered = blocks.filter(({ type }) => type === "tool_result").map(({ tool_use_id: id }) => id as string);
      if (role === "user") {
        this.check(
          open.every((id) => answered.includes(id)),
          `calls without results: ${open.join(", ")}`,
        );
        this.check(
          answered.every((id) => open.includes(id)),
          `results without calls: ${answered.join(", ")}`,
        );
        open = [];
      }
      for (const block of blocks) this.readBlock(block, reading, open);
      const calls = blocks.some(({ type }) => type === "tool_use");
      const thoughtAt = blocks.findIndex(({ type }) => type === "thinking");
      if (calls && thoughtAt > 0) this.problem("thinking does not stand first in its turn");
    }
    return reading;
  }

  private readBlock(block: Json, reading: Reading, open: string[]): void {
    if (block.type === "text") this.check(block.text !== "", "an empty text block");
    if (block.type === "tool_use") {
      this.check(/^[a-zA-Z0-9_-]+$/.test(block.id), `the id ${block.id} is not allowed`);
      this.check(typeof block.input === "object", "the input of a call is no object");
      open.push(block.id);
    }
    if (block.type === "thinking") reading.seals.push(block.signature);
    if (block.type === "tool_result") reading.results.push({ id: block.tool_use_id, text: JSON.stringify(block.content) });
    if (block.type === "image") reading.images.push(String(block.source?.data));
  }

  protected write({ thinking, seal, text, calls }: Spoken, isStream: boolean): Reply {
    const blocks: [object, object[]][] = [];
    if (thinking) {
      const deltas = [
        { type: "thinking_delta", thinking },
        { type: "signature_delta", signature: seal },
      ];
      blocks.push([{ type: "thinking", thinking: "", signature: "" }, deltas]);
    }
    if (text) blocks.push([{ type: "text", text: "" }, [{ type: "text_delta", text }]]);
    for (const call of calls) {
      const delta = { type: "input_json_delta", partial_json: call.arguments };
      blocks.push([{ type: "tool_use", id: call.id, name: call.name, input: {} }, [delta]]);
    }
    const stop_reason = calls.length > 0 ? "tool_use" : "end_turn";
    const head = { id: `msg_${this.requests}`, type: "message", role: "assistant", model: "m", stop_sequence: null };
    if (!isStream) {
      const content = [
        ...(thinking ? [{ type: "thinking", thinking, signature: seal }] : []),
        ...(text ? [{ type: "text", text }] : []),
        ...calls.map((call) => ({ type: "tool_use", id: call.id, name: call.name, input: JSON.parse(call.arguments) as object })),
      ];
      const body = { ...head, content, stop_reason, usage: { input_tokens: 9, output_tokens: 4 } };
      return { status: 200, type: "application/json", body: JSON.stringify(body) };
    }
    const events: object[] = [
      { type: "message_start", message: { ...head, content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } } },
    ];
    blocks.forEach(([content_block, deltas], index) => {
      events.push({ type: "content_block_start", index, content_block });
      for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
      events.push({ type: "content_block_stop", index });
    });
    events.push(
      { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 4 } },
      { type: "message_stop" },
    );
    return { status: 200, type: "text/event-stream", body: sse(events, true) };
  }

  /** It stores no conversations: Anthropic's SDKs then send them whole. */
  protected override refuses(body: Json): Reply | null {
    if (body.thread === undefined) return null;
    const details = { error_code: "thread_unsupported_request", unsupported: ["thread"] };
    const error = { type: "invalid_request_error", message: "No threads here.", details };
    return { status: 400, type: "application/json", body: JSON.stringify({ type: "error", error }) };
  }

  protected failure(status: number): Reply {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    return { status, type: "application/json", body: JSON.stringify(body) };
  }
}
