// OpenAI's Responses, with store: false: encrypted reasoning comes back with its calls, results name their calls.
import { Provider, sse, type Json, type Reading, type Reply, type Spoken } from "../provider";

export class ResponsesProvider extends Provider {
  protected read(body: Json, path: string): Reading {
    const reading: Reading = { tools: [], results: [], seals: [], images: [], isStream: body.stream === true };
    this.check(path.includes("/responses"), `Responses were called at ${path}`);
    for (const tool of body.tools ?? []) {
      if (tool.type === "function") reading.tools.push({ name: tool.name, schema: tool.parameters });
    }
    const open = new Set<string>();
    for (const item of typeof body.input === "string" ? [] : (body.input ?? [])) {
      if (item.type === "function_call") open.add(item.call_id);
      if (item.type === "reasoning" && item.encrypted_content) reading.seals.push(item.encrypted_content);
      if (item.type === "function_call_output") {
        this.check(open.delete(item.call_id), `a result for ${item.call_id}, which is no open call`);
        reading.results.push({ id: item.call_id, text: JSON.stringify(item.output) });
      }
      for (const part of Array.isArray(item.content) ? item.content : []) {
        if (part.type === "input_image") reading.images.push(String(part.image_url).replace(/^data:[^,]*,/, ""));
      }
    }
    this.check(open.size === 0, `calls without results: ${[...open].join(", ")}`);
    return reading;
  }

  protected write({ thinking, seal, text, calls }: Spoken, isStream: boolean): Reply {
    const output: Json[] = [];
    const summary = [{ type: "summary_text", text: thinking }];
    if (thinking) output.push({ type: "reasoning", id: `rs_${this.requests}`, summary, encrypted_content: seal });
    const content = [{ type: "output_text", text, annotations: [] }];
    if (text) output.push({ type: "message", id: `msg_${this.requests}`, role: "assistant", status: "completed", content });
    for (const call of calls) {
      const { id, name } = call;
      output.push({ type: "function_call", id: `fc_${id}`, call_id: id, name, arguments: call.arguments, status: "completed" });
    }
    const usage = {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 4,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 13,
    };
    const response = { id: `resp_${this.requests}`, object: "response", created_at: 1, status: "completed", model: "m", output, usage };
    if (!isStream) return { status: 200, type: "application/json", body: JSON.stringify(response) };
    const events: Json[] = [{ type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } }];
    output.forEach((item, output_index) => {
      events.push({ type: "response.output_item.added", output_index, item }, { type: "response.output_item.done", output_index, item });
    });
    events.push({ type: "response.completed", response });
    const numbered = events.map((one, sequence_number) => ({ ...one, sequence_number }) as Json);
    return { status: 200, type: "text/event-stream", body: sse(numbered, true) };
  }

  protected failure(status: number): Reply {
    return { status, type: "application/json", body: JSON.stringify({ error: { message: "busy", type: "server_error", code: null } }) };
  }

  protected override other(path: string): Reply | null {
    return path.includes("/models") ? { status: 200, type: "application/json", body: '{"object":"list","data":[]}' } : null;
  }
}
