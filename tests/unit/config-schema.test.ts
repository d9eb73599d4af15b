// The schema, judged by ajv, and the plugin's own check must say the same of every configuration.
import { execFileSync } from "node:child_process";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BAD_TEXTS,
  type Field,
  GOOD_TEXTS,
  type Json,
  TYPES,
  configuration,
  fieldsOf,
  model,
  neededBy,
  sample,
  validProvider,
} from "./config-arbitrary";
import { loadUnits } from "./units";

const units = loadUnits("config");
const SEED = 20261124;

interface Line {
  pointer: string;
  message: string;
  isError: boolean;
}

interface Result {
  started: boolean;
  problems: Line[];
  warnings: Line[];
}

let calls = 0;

/** Runs `use` on bytes in the module, then gives the memory back from time to time. */
function withBytes<T>(text: string, use: (pointer: number) => T): T {
  const pointer = units.put(text);
  const result = use(pointer);
  units.exports.__unpin(pointer);
  if (++calls % 100 === 0) units.exports.__collect();
  return result;
}

function parse(config: Json): Result {
  return withBytes(JSON.stringify(config), (pointer) => JSON.parse(units.text(units.exports.parse(pointer))) as Result);
}

function errorsOf(result: Result): Line[] {
  return [...result.problems, ...result.warnings.filter((line) => line.isError)];
}

function isServiceAccount(text: string): boolean {
  try {
    const key = JSON.parse(text) as Record<string, unknown>;
    return ["client_email", "private_key", "token_uri"].every((name) => typeof key[name] === "string" && key[name] !== "");
  } catch {
    return false;
  }
}

const ajv = new Ajv2020({ allErrors: true, strict: false });
// The one format that no pattern can say.
ajv.addKeyword({
  keyword: "x-format",
  type: "string",
  validate: (format: string, text: string) => format !== "serviceAccount" || isServiceAccount(text),
});
const validate = ajv.compile(model.schema);

/** The rule that a null member counts as absent, which JSON Schema cannot say for required fields. */
function withoutNulls(table: string, value: Json): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const out: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(value)) {
    const field = fieldsOf(table).find((one) => one.key === key);
    if (member === null && field?.kind !== "raw") continue;
    if (field?.kind === "object") out[key] = withoutNulls(field.table!, member);
    else if (field?.kind === "objectList" && Array.isArray(member)) out[key] = member.map((item) => withoutNulls(field.table!, item));
    else out[key] = member;
  }
  return out;
}

interface Priced {
  prices?: { models: string[]; currency?: string }[];
}
interface Side extends Priced {
  provider?: Json & Priced;
  activeProviderId?: string;
  cluster?: string;
  model?: string;
  weight?: number;
}
type Level = { provider?: Json & Priced; providers?: (Json & Priced)[]; activeProviderId?: string; _rules_?: Level[] } & Priced & {
    limits?: { [key: string]: Json }[];
    currency?: string;
    split?: Side[];
    cluster?: string;
  };

/** Money has a currency, and no list has two prices for one name: relations that JSON Schema cannot express. */
function hasSoundMoney(level: Level, currency: string): boolean {
  const lists = [level, level.provider ?? {}, ...(level.providers ?? [])].map((one) => (one as Priced).prices ?? []);
  const isOnce = (names: string[]) => new Set(names).size === names.length;
  const hasCurrency = (one: { currency?: string }) => (one.currency || currency) !== "";
  const budgets = (level.limits ?? []).filter((limit) => Object.keys(limit).some((key) => key.startsWith("costPer")));
  return [...lists.flat(), ...budgets].every(hasCurrency) && lists.every((list) => isOnce(list.flatMap((one) => one.models)));
}

/** A split stands alone, has a weight, and each side leads somewhere: relations that JSON Schema cannot express. */
function hasSoundSplit(level: Level, inherited: Json[], currency: string): boolean {
  const { split } = level;
  if (split === undefined) return true;
  if (level.provider !== undefined || level.activeProviderId || level.cluster) return false;
  const ids = level.providers === undefined ? inherited : idsOf(level.providers);
  const isSound = (side: Side) => {
    const hasProvider = side.provider !== undefined || !!side.activeProviderId;
    if (hasProvider ? !hasKnownId(side as Level, ids) : !side.cluster || !!side.model) return false;
    return hasSoundMoney({ provider: side.provider } as Level, currency);
  };
  return split.some((side) => (side.weight ?? 1) > 0) && split.every(isSound);
}

function idsOf(list: Json[] | undefined): Json[] {
  return Array.isArray(list)
    ? list.map((one) => (one !== null && typeof one === "object" && !Array.isArray(one) ? (one.id ?? "") : ""))
    : [];
}

/** activeProviderId names a provider of the catalogue: a relation that JSON Schema cannot express. */
function hasKnownId(level: Level, inherited: Json[]): boolean {
  if (level.provider !== undefined || !level.activeProviderId) return true;
  return (level.providers === undefined ? inherited : idsOf(level.providers)).includes(level.activeProviderId);
}

const DEFAULT_KEYS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];

function isValid(config: Json): boolean {
  const plain = withoutNulls("root", config);
  if (!validate(plain)) return false;
  const root = plain as Level;
  const { logHeaders = [], keys = DEFAULT_KEYS } = root as { logHeaders?: string[]; keys?: string[] };
  if (logHeaders.some((name) => keys.some((key) => key.toLowerCase() === name.toLowerCase()))) return false;
  const ids = [...idsOf(root.providers), ...idsOf(root.provider === undefined ? [] : [root.provider])];
  const currency = root.currency ?? "";
  if (![root, ...(root._rules_ ?? [])].every((level) => hasSoundMoney(level, currency))) return false;
  if (!(root._rules_ ?? []).every((rule) => hasSoundSplit(rule, ids, currency))) return false;
  return hasKnownId(root, idsOf(root.providers)) && (root._rules_ ?? []).every((rule) => hasKnownId(rule, ids));
}

/** Those of a catalogue that serve. The first with an id keeps it, also when it is wrong. */
function serving(providers: Json[], currency: Json): Json[] {
  const ids = idsOf(providers);
  const isFirst = (index: number) => ids[index] === "" || ids.indexOf(ids[index]) === index;
  return providers.filter((one, index) => one !== null && isFirst(index) && isValid({ provider: one, currency }));
}

/** A rule that is wrong does not keep the plugin from its start, nor does a catalogue entry while anything else serves. */
function starts(config: Json): boolean {
  if (config === null || typeof config !== "object" || Array.isArray(config) || !Array.isArray(config.providers))
    return isValid(withBareRules(config));
  const { providers, provider } = config;
  const sound = serving(providers, config.currency ?? null);
  const kept: { [key: string]: Json } = { ...config, providers: sound };
  if (!isValid(withBareRules(kept))) return false;
  const hasRest = sound.length > 0 || (provider !== undefined && provider !== null);
  return providers.length === 0 || hasRest || ((kept._rules_ ?? []) as Level[]).some((rule) => serves(kept, rule));
}

function serves(config: { [key: string]: Json }, rule: Level): boolean {
  if ((rule.provider ?? null) === null && !rule.activeProviderId && (rule.split ?? null) === null && !rule.cluster) return false;
  const kept = Array.isArray(rule.providers) ? { ...rule, providers: serving(rule.providers, config.currency ?? null) } : rule;
  return isValid({ ...config, _rules_: [kept as { [key: string]: Json }] });
}

/** The configuration with nothing in its rules but their conditions. */
function withBareRules(config: Json): Json {
  if (config === null || typeof config !== "object" || Array.isArray(config) || !Array.isArray(config._rules_)) return config;
  const rules = config._rules_.map((rule) => {
    if (rule === null || typeof rule !== "object" || Array.isArray(rule)) return rule;
    const {
      provider: _provider,
      providers: _providers,
      activeProviderId: _id,
      allow: _allow,
      limits: _limits,
      prices: _prices,
      prompts: _prompts,
      parameterRules: _parameterRules,
      split: _split,
      splitBy: _by,
      cluster: _cluster,
      ...rest
    } = rule;
    return rest;
  });
  return { ...config, _rules_: rules };
}

function withProvider(fields: { [key: string]: Json }): Json {
  return { provider: fields };
}

describe("the plugin and ajv agree", () => {
  it("on random configurations", () => {
    let valid = 0;
    let total = 0;
    fc.assert(
      fc.property(configuration(), (config) => {
        const result = parse(config);
        const wanted = isValid(config);
        total++;
        if (wanted) valid++;
        expect({ config, ok: errorsOf(result).length === 0, lines: errorsOf(result) }).toMatchObject({ ok: wanted });
        expect({ config, started: result.started }).toMatchObject({ started: starts(config) });
      }),
      { seed: SEED, numRuns: 1200 },
    );
    // A generator that makes only one kind of configuration would prove nothing.
    expect(valid).toBeGreaterThan(total * 0.2);
    expect(valid).toBeLessThan(total * 0.9);
  }, 60_000);

  it("on the format of texts, random and chosen", () => {
    const formats = ["any", "token", "host", "path", "word", "endpoint", "url", "azureUrl", "serviceAccount"].concat([
      "headerName",
      "credential",
      "limitSubject",
      "affinity",
      "stickiness",
      "currency",
      "dateTime",
    ]);
    const defs = model.schema.$defs as Record<string, { pattern?: string }>;
    const piece = fc.constantFrom(
      "http://",
      "https://",
      "h.test",
      ":",
      "/",
      "?",
      "#",
      "&",
      "@",
      " ",
      "api-version=",
      "1",
      "/openai/v1",
      "é",
      "\n",
      "\u007f",
      "ftp",
      "://",
      "+",
      "-",
      "sha256:",
      "0aF9".repeat(16),
      "header:",
      "consumer",
      "all",
      "{",
      "`|~",
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
      fc
        .tuple(fc.constantFrom(...Object.values(GOOD_TEXTS).flat(), ...Object.values(BAD_TEXTS).flat()), fc.array(piece, { maxLength: 2 }))
        .map(([base, tail]) => base + tail.join("")),
    );
    fc.assert(
      fc.property(text, (value) => {
        const found = withBytes(value, (bytes) => formats.map((_format, index) => units.exports.formatHolds(bytes, index) !== 0));
        for (const [index, format] of formats.entries()) {
          const pattern = defs[format]?.pattern;
          if (pattern)
            expect({ value, format, holds: found[index] }).toEqual({
              value,
              format,
              holds: new RegExp(pattern, "u").test(value),
            });
        }
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });
});

/** Each way to break a field, with a word for it. */
function breakages(field: Field): [string, Json][] {
  const broken: [string, Json][] = [];
  const add = (what: string, ...values: Json[]) => values.forEach((value) => broken.push([what, value]));
  const long = "k".repeat(Math.min(field.max, 1000) + 1);
  switch (field.kind) {
    case "text":
      add("kind", 5, true, ["x"], {});
      if (field.values) add("unknown value", "nonsense", "");
      if (field.max < 1000) add("too long", long);
      if (field.min > 0) add("too short", "k".repeat(field.min - 1));
      add("format", ...BAD_TEXTS[field.format]);
      break;
    case "integer":
      add("kind", String(field.min), true, []);
      add("range", field.min - 1, field.max + 1, field.min + 0.5);
      break;
    case "amount":
      add("kind", true, [1], {});
      add("value", -1, "-1", "x", "", "1,5", "01", "1.", 1e10);
      if (field.min > 0) add("nothing", 0, "0", "0.00");
      break;
    case "boolean":
      add("kind", "true", 1, []);
      break;
    case "textList":
      add("kind", "x", { a: "b" }, 1);
      add("item", [1], ["ok", null], ...(field.min > 0 ? [[""]] : []), ...BAD_TEXTS[field.format].map((text) => [text]));
      break;
    case "textMap":
      add("kind", "x", ["a"], { a: 1 });
      if (field.values) add("name", { "openai/v1/none": "/x" });
      if (field.format === "path") add("value", { [field.values![0]]: "" }, { [field.values![0]]: "x" });
      break;
    case "modelMap":
      add("kind", "x", 1);
      add("entry", { a: 1 }, ["a"], [{ a: "b", c: "d" }], [{}], [{ a: null }]);
      break;
    case "object":
    case "rawObject":
      add("kind", "x", [], 1);
      break;
    case "objectList":
      add("kind", {}, "x", ["x"], [null]);
      break;
  }
  return broken;
}

/** A valid configuration with `value` in a field of a table, and the pointer to it. */
function placed(table: string, field: Field, value: Json): [Json, string] {
  const type = field.providers?.[0] ?? "openai";
  const provider = validProvider(type);
  const filled = (name: string): { [key: string]: Json } =>
    Object.fromEntries(
      fieldsOf(name)
        .filter((one) => one.required)
        .map((one) => [one.key, sample(one) ?? 1]),
    );
  switch (table) {
    case "root":
      return [{ [field.key]: value }, `/${field.key}`];
    case "rule":
      return [{ _rules_: [{ _match_route_: ["r"], [field.key]: value }] }, `/_rules_/0/${field.key}`];
    case "side":
      return [
        { _rules_: [{ _match_route_: ["r"], split: [{ cluster: "c" }, { cluster: "c", [field.key]: value }] }] },
        `/_rules_/0/split/1/${field.key}`,
      ];
    case "provider":
      return [withProvider({ ...provider, [field.key]: value }), `/provider/${field.key}`];
    case "customSetting":
      return [
        withProvider({ ...provider, customSettings: [{ ...filled(table), [field.key]: value }] }),
        `/provider/customSettings/0/${field.key}`,
      ];
    case "abnormal":
    case "metrics":
      return [{ [table]: { [field.key]: value } }, `/${table}/${field.key}`];
    case "consumer":
      return [{ consumers: [{ name: "a", credential: "k", [field.key]: value }] }, `/consumers/0/${field.key}`];
    case "limit":
      return [{ currency: "USD", limits: [{ requestsPerHour: 1, [field.key]: value }] }, `/limits/0/${field.key}`];
    case "price":
      return [{ currency: "USD", prices: [{ models: ["m"], input: 1, [field.key]: value }] }, `/prices/0/${field.key}`];
    case "prompt":
    case "parameterRule": {
      const list = `${table}s`;
      return [withProvider({ ...provider, [list]: [{ ...filled(table), [field.key]: value }] }), `/provider/${list}/0/${field.key}`];
    }
    case "limitMatch":
      return [{ limits: [{ requestsPerHour: 1, match: { [field.key]: value } }] }, `/limits/0/match/${field.key}`];
    case "cachePoints":
      return [
        withProvider({ ...validProvider("bedrock"), bedrockPromptCachePointPositions: { [field.key]: value } }),
        `/provider/bedrockPromptCachePointPositions/${field.key}`,
      ];
    default:
      return [withProvider({ ...provider, [table]: { ...filled(table), [field.key]: value } }), `/provider/${table}/${field.key}`];
  }
}

const broken = model.tables.flatMap((table) =>
  table.fields.flatMap((field) =>
    breakages(field).map(([what, value]) => ({
      name: `${table.name}.${field.key} ${what}: ${JSON.stringify(value).slice(0, 50)}`,
      table: table.name,
      field,
      value,
    })),
  ),
);

describe("each constraint broken once", () => {
  it.each(broken)("$name", ({ table, field, value }) => {
    const [config, pointer] = placed(table, field, value);
    expect(isValid(config)).toBe(false);
    const lines = errorsOf(parse(config));
    expect(lines.map((line) => line.pointer).filter((at) => at === pointer || at.startsWith(`${pointer}/`))).not.toEqual([]);
  });

  const conditions = model.conditions.filter((condition) => condition.table === "provider");
  it.each(conditions.flatMap((condition) => condition.types!.map((type) => ({ type, condition }))))(
    "$type: $condition.message",
    ({ type, condition }) => {
      const base = condition.constant ? { [condition.constant]: condition.value! } : {};
      condition.alternatives.forEach((alternative) => {
        const provider: { [key: string]: Json } = { ...base, ...validProvider(type) };
        condition.alternatives.flat().forEach((key) => delete provider[key]);
        const full = {
          ...provider,
          ...Object.fromEntries(alternative.map((key) => [key, sample(fieldsOf("provider").find((one) => one.key === key)!)])),
        };
        expect(errorsOf(parse(withProvider(full)))).toEqual([]);
        expect(isValid(withProvider(full))).toBe(true);
        for (const key of alternative) {
          const { [key]: _gone, ...without } = full;
          expect(isValid(withProvider(without))).toBe(false);
          expect(errorsOf(parse(withProvider(without)))).toEqual([{ pointer: "/provider", message: condition.message, isError: true }]);
        }
      });
      const good: Record<string, Json> = { context: { fileUrl: "http://f.test", serviceName: "f", servicePort: 80 } };
      const given = condition.excludes.map((key) => [key, good[key] ?? sample(fieldsOf("provider").find((one) => one.key === key)!)]);
      if (given.length === 0) return;
      const sound = validProvider(type, 1);
      const isSibling = (one: typeof condition) => one !== condition && one.constant === condition.constant && one.types!.includes(type);
      // What the constant does not go with either would be a second mistake.
      for (const key of conditions.filter(isSibling).flatMap((one) => one.excludes)) delete sound[key];
      const wrong = withProvider({ ...sound, ...base, ...Object.fromEntries(given) });
      expect(isValid(wrong)).toBe(false);
      expect(errorsOf(parse(wrong))).toEqual([{ pointer: `/provider/${condition.at}`, message: condition.message, isError: true }]);
    },
  );

  it.each(["context", "customSetting"])("a missing field of %s", (table) => {
    for (const field of fieldsOf(table).filter((one) => one.required)) {
      const entries = fieldsOf(table)
        .filter((one) => one.required && one !== field)
        .map((one) => [one.key, sample(one) ?? 1]);
      const value = Object.fromEntries(entries) as Json;
      const config = withProvider({
        type: "openai",
        ...(table === "context" ? { context: value } : { customSettings: [value] }),
      });
      expect(isValid(config)).toBe(false);
      expect(errorsOf(parse(config)).map((line) => line.message)).toEqual([`"${field.key}" is missing`]);
    }
  });
});

describe("the schema", () => {
  it("is what the generated files were made from", () => {
    execFileSync(process.execPath, ["schema/generate.mjs", "--check"], { stdio: "pipe" });
  });

  it("knows all types, each of which starts with the fields that it needs", () => {
    expect(TYPES.length).toBeGreaterThanOrEqual(36);
    for (const type of TYPES)
      expect([type, parse(withProvider(validProvider(type)))]).toMatchObject([type, { started: true, problems: [], warnings: [] }]);
  });

  it("asks for no key where none is needed", () => {
    expect(TYPES.filter((type) => !neededBy(type).includes("apiTokens"))).toEqual(["openai", "ollama", "coze", "vllm", "generic"]);
  });

  it("names only APIs that the plugin knows, and two of Higress whose paths go on as they come", () => {
    const names = fieldsOf("provider").find((field) => field.key === "capabilities")!.values!;
    const unknown = names.filter((name) => units.exports.isKnownApi(units.put(name)) === 0);
    expect(unknown).toEqual(["qwen/v1/services/aigc", "qwen/v1/tasks"]);
  });
});
