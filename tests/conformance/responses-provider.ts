// A scripted Responses API: turns of a model that reasons, speaks and calls, whole and as a stream, and its turns in a request.
import fc from "fast-check";

type Json = any;

const word = (mark: string) => fc.stringMatching(/^[a-z"\\é]{1,9}$/).map((text) => mark + text);
const reasoning = (mark: string): fc.Arbitrary<Json> =>
  fc
    .record({ seal: fc.base64String({ minLength: 4, maxLength: 40 }), texts: fc.array(word(mark), { maxLength: 2 }) })
    .map(({ seal, texts }) => ({
      id: `rs_${mark}sea${seal}`,
      type: "reasoning",
      summary: texts.map((text) => ({ type: "summary_text", text })),
      encrypted_content: `${mark}sea${seal}`,
    }));
const message = (mark: string): fc.Arbitrary<Json> =>
  word(mark).map((text) => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] }));
const call = (mark: string): fc.Arbitrary<Json> =>
  fc.record({ id: fc.stringMatching(/^[a-zA-Z0-9_]{4,12}$/), q: word(mark) }).map(({ id, q }) => ({
    type: "function_call",
    call_id: `id_${mark}${id}`,
    name: "look",
    arguments: JSON.stringify({ q }),
  }));
const areApart = (items: Json[]) => {
  const ids = items.flatMap((item) => item.call_id ?? item.id ?? []);
  return new Set(ids).size === ids.length;
};

/** The items of a turn in any order; what the model says after its reasoning makes it whole. */
export const responsesBlocks = (mark: string): fc.Arbitrary<Json[]> =>
  fc
    .tuple(fc.array(fc.oneof(reasoning(mark), message(mark), call(mark)), { maxLength: 5 }), fc.oneof(message(mark), call(mark)))
    .map(([items, last]) => [...items, last])
    .filter(areApart);

/** The items of a turn in the order that one message of a chat has: reasoning, a text, calls. */
export const plainBlocks = (mark: string): fc.Arbitrary<Json[]> =>
  fc
    .tuple(fc.array(reasoning(mark), { maxLength: 2 }), fc.option(message(mark)), fc.array(call(mark), { minLength: 1, maxLength: 3 }))
    .map(([thoughts, text, calls]) => [...thoughts, ...(text ? [text] : []), ...calls])
    .filter(areApart);

const USAGE = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };

export const responseOf = (output: Json[]) => ({
  id: "resp_1",
  object: "response",
  status: "completed",
  model: "gpt-5.3-codex",
  output,
  usage: USAGE,
});

function itemEvents(item: Json, output_index: number): Json[] {
  const at = { output_index, content_index: 0 };
  const added = { type: "response.output_item.added", output_index };
  const done = { type: "response.output_item.done", output_index, item };
  if (item.type === "reasoning")
    return [
      { ...added, item: { ...item, summary: [], encrypted_content: "unfinished" } },
      ...item.summary.flatMap(({ text }: Json, summary_index: number) => [
        { type: "response.reasoning_summary_part.added", output_index, summary_index, part: { type: "summary_text", text: "" } },
        ...[...text].map((delta) => ({ type: "response.reasoning_summary_text.delta", output_index, summary_index, delta })),
      ]),
      done,
    ];
  if (item.type === "message")
    return [
      { ...added, item: { ...item, content: [] } },
      { type: "response.content_part.added", ...at, part: { type: "output_text", text: "" } },
      ...[...item.content[0].text].map((delta) => ({ type: "response.output_text.delta", ...at, delta })),
      done,
    ];
  return [
    { ...added, item: { ...item, arguments: "" } },
    ...[...item.arguments].map((delta) => ({ type: "response.function_call_arguments.delta", output_index, delta })),
    done,
  ];
}

export const responseEvents = (output: Json[]): Json[] => [
  { type: "response.created", response: { ...responseOf([]), status: "in_progress", usage: null } },
  ...output.flatMap(itemEvents),
  { type: "response.completed", response: responseOf(output) },
];

/** What the model said between two things of the user's, each a turn. */
export function modelTurns(request: Json): Json[][] {
  const turns: Json[][] = [];
  let isOpen = false;
  for (const item of request.input) {
    const isModels = item.role === "assistant" || item.type === "reasoning" || item.type === "function_call";
    if (isModels && !isOpen) turns.push([]);
    isOpen = isModels;
    if (isModels) turns[turns.length - 1].push(item);
  }
  return turns;
}
