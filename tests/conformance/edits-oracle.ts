// What the edits of a chat should make of it: the options one after another, on parsed values. Nothing here comes from the plugin but the
// tables of its catalogue, which say what a type refuses.

export type Json = any;
export type Chat = Record<string, Json>;

export interface Options {
  type?: string;
  modelMapping?: Record<string, string>;
  mergeConsecutiveMessages?: boolean;
  hiclawMode?: boolean;
  contextCleanupCommands?: string[];
  customSettings?: { name: string; value: Json; mode?: string; overwrite?: boolean }[];
  qwenFileIds?: string[];
  responseJsonSchema?: Json;
}

const isObject = (one: Json): one is Record<string, Json> => typeof one === "object" && one !== null && !Array.isArray(one);

/** The body that leaves for a chat `given`; `row` is the type's in the `catalog`. */
export function expectedChat(given: Chat, options: Options, row: any, catalog: any): Chat {
  const asked = given.model as string;
  const mapping = options.modelMapping ?? {};
  const model = mapping[asked] || (asked in mapping ? asked : mapping["*"]) || asked;
  let body: Chat = { ...given, model };
  for (const setting of options.customSettings ?? []) body = withSetting(body, setting);
  if (options.responseJsonSchema) body.response_format = options.responseJsonSchema;
  const asksUsage = isObject(body.stream_options) && body.stream_options.include_usage === true;
  if (Array.isArray(body.messages)) {
    body.messages = editedMessages(body.messages, options, model);
    body.messages = fittedMessages(body.messages, row, catalog.Quirk, model);
  }
  fitParameters(body, row, model, asked !== model);
  if (row.hasFamilies) fitFamily(body, asked, model, catalog);
  fitReasoning(body, row, catalog.Quirk, hasThinking(given));
  if (given.stream === true && !asksUsage && row.asksUsage) {
    body.stream_options = { ...(isObject(body.stream_options) ? body.stream_options : {}), include_usage: true };
  }
  return body;
}

// ---- customSettings --------------------------------------------------------------------------------------------------

function withSetting(body: Chat, { name, value, mode, overwrite = true }: NonNullable<Options["customSettings"]>[0]): Chat {
  if (mode !== "raw" && !["max_tokens", "temperature", "top_p", "seed"].includes(name)) return body;
  const steps = name.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));
  return setBelow(body, steps, value, overwrite);
}

function setBelow(given: Json, [step, ...rest]: string[], value: Json, overwrite: boolean): Json {
  if (step === undefined) return given === undefined || overwrite ? value : given;
  if (Array.isArray(given)) {
    const index = step === "-1" ? given.length : /^\d+$/.test(step) ? Number(step) : -1;
    if (index < 0 || index > given.length) return given;
    return Object.assign([...given], { [index]: setBelow(given[index], rest, value, overwrite) });
  }
  if (isObject(given)) return { ...given, [step]: setBelow(given[step], rest, value, overwrite) };
  if (given !== undefined && !overwrite) return given;
  const inner = setBelow(undefined, rest, value, overwrite);
  return step === "0" || step === "-1" ? [inner] : { [step]: inner };
}

// ---- options that edit the list of messages ----------------------------------------------------------------------------

const isSystem = (one: Json) => isObject(one) && (one.role === "system" || one.role === "developer");

function editedMessages(messages: Json[], options: Options, model: string): Json[] {
  const commands = options.contextCleanupCommands ?? [];
  const merges = options.mergeConsecutiveMessages || options.hiclawMode;
  const cut = messages.findLastIndex((one) => isCommand(one, commands));
  const kept = messages.filter((one, index) => index > cut || (index < cut && isSystem(one)));
  const files = model.startsWith("qwen-long") ? (options.qwenFileIds ?? []) : [];
  const first = kept.findIndex((one) => !isSystem(one));
  const at = first < 0 ? kept.length : first;
  const added = files.length > 0 ? [{ role: "system", content: files.map((file) => `fileid://${file}`).join(",") }] : [];
  const tail = merges ? kept.slice(at).reduce(merge, []) : kept.slice(at);
  return [...kept.slice(0, at), ...added, ...tail];
}

function isCommand(one: Json, commands: string[]): boolean {
  if (!isObject(one) || one.role !== "user") return false;
  const { content } = one;
  return commands.includes(Array.isArray(content) && content.length === 1 ? content[0].text : content);
}

function isPlain(one: Json): boolean {
  if (!isObject(one)) return false;
  const { role: _role, content, tool_calls, ...others } = one;
  if (Object.keys(others).length > 0 || ("tool_calls" in one && !Array.isArray(tool_calls))) return false;
  return (
    typeof content === "string" || Array.isArray(content) || ((content === null || content === undefined) && Array.isArray(tool_calls))
  );
}

function merge(done: Json[], one: Json): Json[] {
  const last = done.at(-1);
  const fits =
    (last?.[RUN] !== undefined || isPlain(last)) &&
    isPlain(one) &&
    last.role === one.role &&
    (one.role === "user" || one.role === "assistant");
  if (!fits) return [...done, one];
  // How a run is joined depends on all of it, so the parts of a run are remembered until it ends.
  const run: Json[] = [...(last[RUN] ?? [last]), one];
  const contents = run.map(({ content }) => content).filter((content) => content !== null && content !== undefined);
  const asParts = contents.flatMap((content) => (Array.isArray(content) ? content : [{ type: "text", text: content }]));
  const content = contents.length === 0 ? null : contents.some(Array.isArray) ? asParts : contents.join("\n\n");
  const calls = run.flatMap(({ tool_calls }) => tool_calls ?? []);
  const joined = { role: one.role, content, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return [...done.slice(0, -1), Object.defineProperty(joined, RUN, { value: run, enumerable: false })];
}
const RUN = Symbol("the messages of a run");

// ---- what a row says of messages ---------------------------------------------------------------------------------------

const hasThinking = ({ messages }: Chat) =>
  Array.isArray(messages) && messages.some((one: Json) => isObject(one) && "reasoning_content" in one);

function fittedMessages(messages: Json[], row: any, Quirk: any, model: string): Json[] {
  const thinks = row.thinkers.length === 0 || row.thinkers.some((start: string) => model.startsWith(start));
  const has = (bit: number) => (row.quirks & bit) !== 0;
  const fitted: Json[] = [];
  let afterResult = false;
  for (const one of messages) {
    if (!isObject(one)) {
      fitted.push(one);
      continue;
    }
    if (has(Quirk.NO_USER_AFTER_TOOL) && afterResult && one.role === "user") fitted.push({ role: "assistant", content: "OK." });
    afterResult = one.role === "tool";
    const kept = Object.entries(one).filter(([key]) => !row.refusesInMessages.includes(key));
    const next: Json = Object.fromEntries(kept);
    const { reasoning_content: thought, content } = one;
    if (has(Quirk.REASONING_NAME) && "reasoning_content" in one) {
      delete next.reasoning_content;
      if (thinks) next.reasoning = thought;
    }
    if (has(Quirk.THINKING_PARTS) && thinks && typeof thought === "string" && thought !== "") {
      const rest = Array.isArray(content) ? content : content ? [{ type: "text", text: content }] : [];
      next.content = [{ type: "thinking", thinking: [{ type: "text", text: thought }], closed: true }, ...rest];
    }
    if (has(Quirk.DEVELOPER_TO_SYSTEM) && next.role === "developer") next.role = "system";
    if (has(Quirk.TEXT_CONTENT) && Array.isArray(next.content) && next.content.every(isTextPart))
      next.content = next.content.map((part: Json) => part.text).join("\n");
    if (has(Quirk.IDS_OF_NINE) && typeof next.tool_call_id === "string") next.tool_call_id = nineLetters(next.tool_call_id);
    if (Array.isArray(next.tool_calls)) {
      next.tool_calls = next.tool_calls.map((call: Json) => {
        const id = has(Quirk.IDS_OF_NINE) ? nineLetters(call.id) : call.id;
        const isEmpty = has(Quirk.CALL_OBJECTS) && ["", "null", null].includes(call.function.arguments);
        return { ...call, id, function: { ...call.function, arguments: isEmpty ? "{}" : call.function.arguments } };
      });
    }
    fitted.push(next);
  }
  return fitted;
}

const isTextPart = (part: Json) =>
  isObject(part) && part.type === "text" && typeof part.text === "string" && Object.keys(part).length === 2;

/** FNV-1a of the id's UTF-8, its digits to the base of 62 from the lowest on. */
function nineLetters(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let out = "";
  for (let k = 0; k < 9; k++, hash /= 62n) out += letters[Number(hash % 62n)];
  return out;
}

// ---- what a row and a family say of parameters ---------------------------------------------------------------------------

function rename(body: Chat, from: string, to: string): void {
  if (from in body && body[from] !== null) body[to] = body[from];
  delete body[from];
}

function fitParameters(body: Chat, row: any, model: string, isMapped: boolean): void {
  for (let k = 0; k < row.renames.length; k += 2) rename(body, row.renames[k], row.renames[k + 1]);
  for (const name of row.refuses) delete body[name];
  const takesEffort = row.effortModels.length === 0 || row.effortModels.some((start: string) => model.startsWith(start));
  if (isMapped && !takesEffort) delete body.reasoning_effort;
  const known = row.efforts.indexOf(body.reasoning_effort);
  if (known >= 0 && known % 2 === 0) body.reasoning_effort = row.efforts[known + 1];
}

function familyOf(model: string, catalog: any): any {
  const name = model.replace(/^ft:/, "");
  return catalog.FAMILIES.find(({ prefix, first, last, word }: any) => {
    if (word !== "" && !name.split("-").slice(1).includes(word)) return false;
    if (!name.startsWith(prefix)) return false;
    if (last === 0) return true;
    const [, major, minor = "0"] = /^(\d)(?!\d)(?:\.(\d+))?/.exec(name.slice(prefix.length)) ?? [];
    const version = Number(major) * 100 + Number(minor);
    return version >= first && version <= last;
  });
}

function fitFamily(body: Chat, asked: string, model: string, catalog: any): void {
  const { Refuses } = catalog;
  const family = familyOf(model, catalog);
  if (family === undefined) return;
  const has = (bit: number) => (family.refuses & bit) !== 0;
  const isSaid = body.reasoning_effort !== undefined && body.reasoning_effort !== null;
  const isOurs = familyOf(asked, catalog) !== family;
  const reasons = () => (body.reasoning_effort ?? (has(Refuses.RESTS_BY_DEFAULT) ? "none" : "default")) !== "none";
  const hasFunctions = Array.isArray(body.tools) && body.tools.some((tool: Json) => isObject(tool) && tool.type === "function");
  const fitTools = () => {
    if (has(Refuses.EFFORT_WITH_TOOLS) && hasFunctions && reasons()) body.reasoning_effort = "none";
  };
  if (!isOurs) {
    if (!isSaid && !has(Refuses.RESTS_BY_DEFAULT)) fitTools();
    return;
  }
  if (has(Refuses.MAX_TOKENS)) rename(body, "max_tokens", "max_completion_tokens");
  if (has(Refuses.EFFORT)) for (const name of ["reasoning_effort", "verbosity"]) delete body[name];
  const lowest = has(Refuses.MINIMAL) ? "low" : "minimal";
  if (has(Refuses.NONE) && body.reasoning_effort === "none") body.reasoning_effort = lowest;
  else if (has(Refuses.MINIMAL) && body.reasoning_effort === "minimal") body.reasoning_effort = lowest;
  fitTools();
  const samples = ["temperature", "top_p", "logprobs", "top_logprobs"];
  if (has(Refuses.SAMPLING) && reasons()) for (const name of samples) delete body[name];
  if (has(Refuses.PENALTIES)) for (const name of ["presence_penalty", "frequency_penalty", "logit_bias"]) delete body[name];
  if (has(Refuses.STOP)) delete body.stop;
}

function fitReasoning(body: Chat, row: any, Quirk: any, thinks: boolean): void {
  if ((row.quirks & Quirk.EFFORT_TO_THINKING) !== 0 && "reasoning_effort" in body) {
    const effort = body.reasoning_effort;
    delete body.reasoning_effort;
    if (typeof effort === "string" && !("thinking" in body)) body.thinking = { type: effort === "none" ? "disabled" : "enabled" };
  }
  if ((row.quirks & Quirk.REASONING_BUDGET) !== 0 && "reasoning_max_tokens" in body) {
    const budget = body.reasoning_max_tokens;
    delete body.reasoning_max_tokens;
    delete body.reasoning_effort;
    if (typeof budget === "number" && budget !== 0)
      body.reasoning = { max_tokens: budget, ...(isObject(body.reasoning) ? body.reasoning : {}) };
  }
  if (!thinks) return;
  if ((row.quirks & Quirk.PRESERVE_THINKING) !== 0 && !("preserve_thinking" in body)) body.preserve_thinking = true;
  if ((row.quirks & Quirk.EFFORT_TO_THINKING) === 0) return;
  const isPlain = body.thinking?.type === "enabled" && Object.keys(body.thinking).length === 1;
  if (isPlain || !("thinking" in body)) body.thinking = { type: "enabled", clear_thinking: false };
}
