// The words of a response, as a client of OpenAI or Anthropic would show them.

type Value = Record<string, unknown>;

/** Text of one event or whole response; "" for what holds none. */
export function wordsOf(message: string): string {
  const datas = [...message.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1]);
  return (datas.length > 0 ? datas : [message]).map((data) => textOf(parsed(data))).join("");
}

function parsed(text: string): Value {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function textOf(value: Value): string {
  if (value.type === "response.output_text.delta") return asText(value.delta);
  if (value.type === "content_block_delta") return asText(member(value, "delta").text);
  if (value.type === "message") return parts(value.content);
  if (value.object === "response")
    return list(value.output)
      .map((item) => parts(item.content))
      .join("");
  return list(value.choices)
    .map(
      (choice) => asText(member(choice, "delta").content) || asText(member(choice, "message").content) + callsOf(member(choice, "message")),
    )
    .join("");
}

function callsOf(message: Value): string {
  return list(message.tool_calls)
    .map((call) => `${asText(member(call, "function").name)}(${asText(member(call, "function").arguments)})`)
    .join("\n");
}

function parts(content: unknown): string {
  return list(content)
    .map((part) => asText(part.text) || (part.type === "tool_use" ? `${asText(part.name)}(${JSON.stringify(part.input)})` : ""))
    .join("");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function member(value: Value, key: string): Value {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}

function list(value: unknown): Value[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Value {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
