// Which price a model gets. The plugin itself is asked: with prices whose currencies tell which of them it has taken.
import { encodeUtf8 } from "../emulator/bytes";
import { Host } from "../emulator/host";
import type { ConfigFile, PluginSource } from "./config-file";
import type { Environment } from "./environment";
import { send, readJson, type Loaded } from "./exchange";
import { printable, type Finding } from "./findings";
import type { Json, Located, Member } from "./located";
import type { Plugin } from "./plugin";
import { parseAiLog } from "../tools/ai-log.mjs";

type Row = { [key: string]: Json };

/** A row of `prices`, as `explain` shows it. */
export interface PriceRow {
  file: string;
  line: number;
  column: number;
  pointer: string;
  models: string[];
  currency: string;
  /** As they are written. */
  amounts: { [name: string]: string };
  /** What a request with so many tokens of input and of output costs, exact. */
  example: { inputTokens: number; outputTokens: number; cost: string };
}

const EXAMPLE_TOKENS = 1000;
/** Names that a note lists. */
const SHOWN = 12;
/** Models that are tried for one configuration. */
const MAX_MODELS = 1000;

interface Found {
  steps: string[];
  row: Row;
}

/** Lists of objects in which more prices, or more mappings, may stand. */
const LEVELS = ["providers", "_rules_", "split"];

const isObject = (value: Json | undefined): value is Row => value !== null && typeof value === "object" && !Array.isArray(value);
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** All rows of the lists that stand in an object of the configuration: its own, those of its providers, those of its rules. */
function rowsIn(level: Json | undefined, steps: string[] = []): Found[] {
  if (!isObject(level)) return [];
  const own = listOf(level.prices).flatMap((row, index) => (isObject(row) ? [{ steps: [...steps, "prices", String(index)], row }] : []));
  const inner = LEVELS.flatMap((key) => listOf(level[key]).flatMap((one, index) => rowsIn(one, [...steps, key, String(index)])));
  return [...own, ...rowsIn(level.provider, [...steps, "provider"]), ...inner];
}

/** Three letters for each number. */
const codeOf = (index: number) => String.fromCharCode(...[676, 26, 1].map((unit) => 65 + (Math.floor(index / unit) % 26)));

/** The row that holds for the request: null when its model has none, undefined where there are no prices, or none was looked for. */
export async function priceOf(loaded: Loaded, log: Row | null): Promise<PriceRow | null | undefined> {
  if (log?.cost_source === "no_price") return null;
  if (typeof log?.currency !== "string") return undefined;
  const config = structuredClone(loaded.config);
  const rows = rowsIn(config);
  rows.forEach(({ row }, index) => (row.currency = codeOf(index)));
  const text = JSON.stringify(config);
  const source = { name: loaded.source.name, text, bytes: encodeUtf8(text), root: null, place: null };
  const { exchange } = await send({ ...loaded, config, source });
  exchange.abort();
  const code = parseAiLog(exchange.stateText("ai_log") ?? "")?.currency;
  const index = rows.findIndex((_, at) => codeOf(at) === code);
  return index < 0 ? undefined : describe(loaded, rowsIn(loaded.config)[index], log.currency);
}

function describe({ file, source }: Loaded, { steps, row }: Found, currency: string): PriceRow {
  const { models, currency: _currency, ...amounts } = row;
  const micros = (name: string) => BigInt(Math.round(Number(row[name] ?? 0) * 1e6));
  const tokens = BigInt(EXAMPLE_TOKENS);
  const cost = tokens * micros("input") + tokens * micros("output") + micros("perRequest") * 1_000_000n;
  return {
    ...{ file: file.path, ...file.positions.at(placeOf(source.root, steps)), pointer: `/${steps.join("/")}` },
    models: listOf(models).map(String),
    currency,
    amounts: Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)])),
    example: { inputTokens: EXAMPLE_TOKENS, outputTokens: EXAMPLE_TOKENS, cost: decimal(cost) },
  };
}

/** Units of 10^-12. */
function decimal(pico: bigint): string {
  const digits = String(pico).padStart(13, "0");
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, "");
}

/** Where the value at the end of the steps stands in the file, or the last of them that is there. */
export function placeOf(root: Located | null, steps: string[]): number {
  let here: Located | undefined = root ?? undefined;
  let at = here?.at ?? 0;
  for (const step of steps) {
    const member: Member | undefined = here?.kind === "object" ? here.members.get(step) : undefined;
    here = here?.kind === "list" ? here.items[Number(step)] : member?.value;
    if (here === undefined) break;
    at = member?.keyAt ?? here.at;
  }
  return at;
}

/** What an explanation says of a row. */
export function priceText(price: PriceRow | null): string {
  if (price === null) return "none for this model: its cost is not known";
  const { file, line, column, models, currency, amounts, example } = price;
  const shown = Object.entries(amounts).map(([name, amount]) => `${name} ${amount}`);
  const place = `${file}:${line}:${column}`;
  return [
    `${printable(namesText(models))} at ${place}: ${printable(shown.join(", "))} ${currency}`,
    `${example.inputTokens} tokens of input and ${example.outputTokens} of output cost ${example.cost} ${currency}`,
  ].join("; ");
}

const namesText = (names: string[]) =>
  names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "");

/**
 * Notes on a configuration that the plugin takes: which models have prices, and which of those in `modelMapping` have none. Warnings of
 * budgets for which no price is.
 */
export async function checkPrices(
  module: WebAssembly.Module,
  file: ConfigFile,
  source: PluginSource,
  environment: Environment,
): Promise<Finding[]> {
  const config = readJson(source.text);
  const rows = rowsIn(config);
  if (!isObject(config)) return [];
  const note = (steps: string[], message: string, severity: Finding["severity"] = "note"): Finding => ({
    ...{ file: file.path, ...file.positions.at(placeOf(source.root, steps)), severity },
    ...{ message: printable(message), pointer: `/${steps.map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}` },
    ...{ plugin: source.name, from: "check" },
  });
  const inUse = new Set(rows.map(({ row }) => row.currency ?? config.currency));
  const idle = budgetsIn(config).filter(({ row }) => !inUse.has(row.currency ?? config.currency));
  const warnings = idle.map(({ steps, row }) =>
    note(steps, `counts nothing: no price is in ${String(row.currency ?? config.currency)}`, "warning"),
  );
  if (rows.length === 0) return warnings;
  const lists = new Map<string, string[]>();
  for (const { steps, row } of rows) {
    const list = JSON.stringify(steps.slice(0, -1));
    lists.set(list, [...(lists.get(list) ?? []), ...listOf(row.models).map(String)]);
  }
  const priced = [...lists].map(([steps, names]) => note(JSON.parse(steps) as string[], `prices for ${namesText(names)}`));
  const isPriced = await askerFor(module, environment);
  const unpriced = targetsIn(config)
    .slice(0, MAX_MODELS)
    .filter(({ steps, names }) => !names.some((name) => isPriced(namesFor(rows, steps), name)));
  return [
    ...warnings,
    ...priced,
    ...unpriced.map(({ steps, names }) => note(steps, `no price for ${names[0]}: its requests have no cost`)),
  ];
}

/** Names in the lists that may hold for a provider with the mapping at `steps`: its own, the top level's, those of rules; for a side, all. */
function namesFor(rows: Found[], steps: string[]): string[] {
  const provider = JSON.stringify(steps.slice(0, steps.lastIndexOf("modelMapping")));
  const isRules = (owner: string[]) => owner.length === 2 && owner[0] === "_rules_";
  const relevant = rows.filter(({ steps: at }) => {
    const owner = at.slice(0, -2);
    return owner.length === 0 || !steps.includes("modelMapping") || isRules(owner) || JSON.stringify(owner) === provider;
  });
  return [...new Set(relevant.flatMap(({ row }) => listOf(row.models).map(String)))];
}

/** Limits of cost, of the top level and of rules. */
function budgetsIn(config: Row): Found[] {
  const levels: [string[], Json | undefined][] = [[[], config], ...listOf(config._rules_).map((rule, k) => levelOf(rule, k))];
  return levels.flatMap(([steps, level]) =>
    listOf(isObject(level) ? level.limits : undefined).flatMap((row, index) => {
      const isBudget = isObject(row) && Object.keys(row).some((key) => key.startsWith("costPer"));
      return isBudget ? [{ steps: [...steps, "limits", String(index)], row }] : [];
    }),
  );
}

const levelOf = (rule: Json, index: number): [string[], Json] => [["_rules_", String(index)], rule];

interface Target {
  steps: string[];
  /** What the provider is asked for, and the client's name when it is one. */
  names: string[];
}

/** The names of models that the mappings of all providers make, but for those that an expression makes. */
function targetsIn(level: Json | undefined, steps: string[] = []): Target[] {
  if (!isObject(level)) return [];
  const isList = Array.isArray(level.modelMapping);
  const maps = isList ? listOf(level.modelMapping) : [level.modelMapping];
  const own = maps.flatMap((map, index) =>
    Object.entries(isObject(map) ? map : {}).flatMap(([key, value]): Target[] => {
      const isName = !key.startsWith("~") && !key.endsWith("*");
      const names = [...(typeof value === "string" && value !== "" ? [value] : []), ...(isName ? [key] : [])];
      if (names.length === 0 || names.some((name) => name.includes("$"))) return [];
      return [{ steps: [...steps, "modelMapping", ...(isList ? [String(index)] : []), key], names }];
    }),
  );
  const inner = LEVELS.flatMap((key) => listOf(level[key]).flatMap((one, index) => targetsIn(one, [...steps, key, String(index)])));
  const side = typeof level.model === "string" && level.model !== "" ? [{ steps: [...steps, "model"], names: [level.model] }] : [];
  return [...own, ...side, ...targetsIn(level.provider, [...steps, "provider"]), ...inner];
}

/** Asks the plugin whether a list with these names is for a model. */
async function askerFor(module: WebAssembly.Module, environment: Environment): Promise<(names: string[], model: string) => boolean> {
  const host = await Host.load(module, { environment });
  const provider = { type: "openai", apiTokens: ["k"] };
  const plugins = new Map<string, Plugin>();
  return (names, model) => {
    const config = JSON.stringify({ provider, prices: [{ models: names, currency: "XXX", perRequest: 0 }] });
    const plugin = plugins.get(config) ?? host.configure(config);
    plugins.set(config, plugin);
    const body = encodeUtf8(JSON.stringify({ model, messages: [] }));
    const exchange = plugin.exchange({ path: "/v1/chat/completions", headers: [["content-type", "application/json"]], body });
    exchange.abort();
    return parseAiLog(exchange.stateText("ai_log") ?? "")?.currency === "XXX";
  };
}
