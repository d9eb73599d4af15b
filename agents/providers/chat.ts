// OpenAI's chat completions, as DeepSeek, Moonshot and OpenAI serve them: thoughts stand in reasoning_content.
import { Provider, sse, type Json, type Reading, type Reply, type Spoken } from "../provider";

const ROLES = ["system", "developer", "user", "assistant", "tool"];

export class ChatProvider extends Provider {
  protected override get seals(): boolean {
    return false;
  }

  protected read(body: Json, path: string): Reading {
    const reading: Reading = { tools: [], results: [], seals: [], images: [], isStream: body.stream === true };
    this.check(path.includes("/chat/completions"), `chat completions were called at ${path}`);
    this.check(typeof body.model === "string" && body.model !== "", "the model is missing");
    this.check(Array.isArray(body.messages) && body.messages.length > 0, "messages are missing");
    for (const tool of body.tools ?? []) {
      this.check(tool.type === "function" && tool.function?.name, `a tool is no function: ${JSON.stringify(tool).slice(0, 80)}`);
      if (tool.function) reading.tools.push({ name: tool.function.name, schema: tool.function.parameters });
    }
    const open = new Set<string>();
    for (const message of body.messages ?? []) {
      this.check(ROLES.includes(message.role), `the role ${message.role} does not exist`);
      if (message.role !== "tool") this.check(open.size === 0, `calls without results: ${[...open].join(", ")}`);
      for (const call of message.tool_calls ?? []) {
        JSON.parse(call.function.arguments);
        open.add(call.id);
      }
      if (message.role === "tool") {
        this.check(open.delete(message.tool_call_id), `a result for ${message.tool_call_id}, which is no open call`);
        reading.results.push({ id: message.tool_call_id, text: JSON.stringify(message.content) });
      }
      for (const part of Array.isArray(message.content) ? message.content : []) {
        if (part.type === "image_url") reading.images.push(String(part.image_url?.url).replace(/^data:[^,]*,/, ""));
      }
    }
    return reading;
  }

  protected write({ thinking, text, calls }: Spoken, isStream: boolean): Reply {
    const finish = calls.length > 0 ? "tool_calls" : "stop";
    const head = { id: `c${this.requests}`, created: 1, model: "m" };
    const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
    const called = calls.map((call, index) => ({
      index,
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: call.arguments },
    }));
    if (!isStream) {
      const thought = thinking ? { reasoning_content: thinking } : {};
      const message = { role: "assistant", content: text, ...thought, ...(called.length > 0 ? { tool_calls: called } : {}) };
      const body = { ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason: finish }], usage };
      return { status: 200, type: "application/json", body: JSON.stringify(body) };
    }
    const chunk = (delta: object, finish_reason: string | null = null, rest = {}) => ({
      ...head,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason }],
      ...rest,
    });
    const events = [
      chunk({ role: "assistant", content: "", ...(thinking ? { reasoning_content: thinking } : {}) }),
      ...(text ? [chunk({ content: text })] : []),
      ...called.map((one) => chunk({ tool_calls: [one] })),
      chunk({}, finish, { usage }),
      "[DONE]",
    ];
    return { status: 200, type: "text/event-stream", body: sse(events) };
  }

  protected failure(status: number): Reply {
    return { status, type: "application/json", body: JSON.stringify({ error: { message: "busy", type: "server_error", code: null } }) };
  }

  protected override other(path: string): Reply | null {
    return path.includes("/models") ? { status: 200, type: "application/json", body: '{"object":"list","data":[]}' } : null;
  }
}
