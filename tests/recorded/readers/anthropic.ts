// Reads Anthropic's Messages, whole and as a stream. Source (November 2026): docs.anthropic.com, "Messages", "Streaming messages",
// "Handling stop reasons", "Compaction" (tokens of iterations).
import { argumentsOf, emptyReading, eventDocuments, numberOf, type Json, type Reading, type Usage } from "../reading";

const FINISH: Record<string, string> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "calls",
  refusal: "filter",
};

interface Sum {
  input: number;
  cached: number;
  output: number;
}

function sumOf(usage: Json): Sum {
  const cached = numberOf(usage.cache_read_input_tokens);
  return {
    input: numberOf(usage.input_tokens) + cached + numberOf(usage.cache_creation_input_tokens),
    cached,
    output: numberOf(usage.output_tokens),
  };
}

/** Iterations that are in none of the fields at the top. */
const BESIDE = ["compaction", "advisor_message"];

export function anthropicUsage(usage: Json): Usage | null {
  if (usage === null || typeof usage !== "object") return null;
  const iterations: Json[] = Array.isArray(usage.iterations) ? usage.iterations : [];
  const sums = [usage, ...iterations.filter((one) => BESIDE.includes(one.type))].map(sumOf);
  const add = (pick: (sum: Sum) => number) => sums.reduce((all, sum) => all + pick(sum), 0);
  const input = add((sum) => sum.input);
  const output = add((sum) => sum.output);
  const reasoning = numberOf(usage.output_tokens_details?.thinking_tokens);
  return { input, output, total: input + output, cached: add((sum) => sum.cached), reasoning };
}

export function readAnthropic(body: Json): Reading {
  const reading = emptyReading();
  for (const block of body.content ?? []) {
    if (block.type === "text") reading.text += block.text;
    if (block.type === "thinking") reading.reasoning += block.thinking;
    if (block.type === "tool_use") reading.calls.push({ name: block.name, arguments: argumentsOf(block.input) });
  }
  reading.finish = FINISH[body.stop_reason] ?? body.stop_reason ?? "";
  reading.usage = anthropicUsage(body.usage);
  return reading;
}

function addDelta(block: Json, delta: Json): void {
  if (delta.type === "text_delta") block.text = (block.text ?? "") + delta.text;
  if (delta.type === "thinking_delta") block.thinking = (block.thinking ?? "") + delta.thinking;
  if (delta.type === "input_json_delta") block.json = (block.json ?? "") + delta.partial_json;
}

/** Later counts replace earlier ones, those that are null or absent do not. */
const merged = (usage: Json, later: Json): Json => ({
  ...usage,
  ...Object.fromEntries(Object.entries(later ?? {}).filter(([, value]) => value !== null)),
});

/** The message that the events make, read as a whole one. */
export function readAnthropicStream(text: string): Reading {
  const blocks = new Map<number, Json>();
  let stop: Json = null;
  let usage: Json = null;
  const standing: Json[] = [];
  for (const event of eventDocuments(text)) {
    if (event.type === "message_start") {
      usage = event.message.usage ?? null;
      stop = event.message.stop_reason ?? null;
      standing.push(...(event.message.content ?? []));
    }
    if (event.type === "content_block_start") blocks.set(event.index, { ...event.content_block });
    if (event.type === "content_block_delta") addDelta(blocks.get(event.index) ?? {}, event.delta);
    if (event.type === "message_delta") {
      stop = event.delta?.stop_reason ?? stop;
      usage = merged(usage, event.usage);
    }
  }
  const content = [...standing, ...blocks.values()].map((block) => (block.json ? { ...block, input: argumentsOf(block.json) } : block));
  return readAnthropic({ content, stop_reason: stop, usage });
}
