// Bedrock's Converse: turns alternate, results follow upon their calls, signed reasoning comes back, and a stream is binary.
import { event } from "../../tests/unit/aws-frames";
import { Provider, type Json, type Reading, type Reply, type Spoken } from "../provider";

export class ConverseProvider extends Provider {
  protected read(body: Json, path: string): Reading {
    const reading: Reading = { tools: [], results: [], seals: [], images: [], isStream: path.includes("converse-stream") };
    this.check(/^\/model\/[^/]+\/converse(-stream)?$/.test(path), `Converse was called at ${path}`);
    for (const tool of body.toolConfig?.tools ?? []) {
      if (!tool.toolSpec) continue;
      this.check(tool.toolSpec.inputSchema?.json?.type === "object", `the schema of ${tool.toolSpec.name} is no object`);
      reading.tools.push({ name: tool.toolSpec.name, schema: tool.toolSpec.inputSchema?.json });
    }
    let before = "assistant";
    let open: string[] = [];
    for (const { role, content } of body.messages ?? []) {
      this.check(role !== before, "turns do not alternate");
      before = role;
      this.check(content.length > 0, "a message has no content");
      const answered = (content as Json[]).flatMap((block) => (block.toolResult ? [block.toolResult.toolUseId as string] : []));
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
      for (const block of content) this.readBlock(block, reading, open);
    }
    if (reading.results.length > 0) this.check(body.toolConfig, "a history with tools has no toolConfig");
    return reading;
  }

  private readBlock(block: Json, reading: Reading, open: string[]): void {
    if (block.text !== undefined) this.check(block.text !== "", "an empty text block");
    if (block.toolUse) open.push(block.toolUse.toolUseId);
    if (block.reasoningContent) reading.seals.push(block.reasoningContent.reasoningText?.signature);
    if (block.toolResult) reading.results.push({ id: block.toolResult.toolUseId, text: JSON.stringify(block.toolResult.content) });
    if (block.image) reading.images.push(block.image.source?.bytes);
  }

  protected write({ thinking, seal, text, calls }: Spoken, isStream: boolean): Reply {
    const stopReason = calls.length > 0 ? "tool_use" : "end_turn";
    const usage = { inputTokens: 9, outputTokens: 4, totalTokens: 13 };
    if (!isStream) {
      const content = [
        ...(thinking ? [{ reasoningContent: { reasoningText: { text: thinking, signature: seal } } }] : []),
        ...(text ? [{ text }] : []),
        ...calls.map((call) => ({ toolUse: { toolUseId: call.id, name: call.name, input: JSON.parse(call.arguments) as object } })),
      ];
      const body = { output: { message: { role: "assistant", content } }, stopReason, usage };
      return { status: 200, type: "application/json", body: JSON.stringify(body) };
    }
    const frames = [event("messageStart", { role: "assistant" })];
    let index = 0;
    const block = (deltas: object[], start?: object) => {
      if (start) frames.push(event("contentBlockStart", { contentBlockIndex: index, start }));
      for (const delta of deltas) frames.push(event("contentBlockDelta", { contentBlockIndex: index, delta }));
      frames.push(event("contentBlockStop", { contentBlockIndex: index++ }));
    };
    if (thinking) block([{ reasoningContent: { text: thinking } }, { reasoningContent: { signature: seal } }]);
    if (text) block([{ text }]);
    for (const call of calls) block([{ toolUse: { input: call.arguments } }], { toolUse: { toolUseId: call.id, name: call.name } });
    frames.push(event("messageStop", { stopReason }), event("metadata", { usage, metrics: { latencyMs: 1 } }));
    return { status: 200, type: "application/vnd.amazon.eventstream", body: Buffer.concat(frames) };
  }

  protected failure(status: number): Reply {
    return { status, type: "application/json", body: JSON.stringify({ message: "Service unavailable" }) };
  }
}
