// Random configurations derived from the schema's own field tables: mostly valid, with a mistake here and there.
import fc from "fast-check";
import { readSchema } from "../../schema/model.mjs";

export interface Field {
  key: string;
  kind: string;
  format: string;
  min: number;
  max: number;
  values?: string[];
  table?: string;
  required: boolean;
  secret: boolean;
  providers?: string[];
  default?: unknown;
}

export interface Table {
  name: string;
  fields: Field[];
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const model = readSchema() as {
  schema: Record<string, unknown>;
  tables: Table[];
  conditions: {
    table: string;
    message: string;
    types?: string[];
    constant?: string;
    value?: Json;
    alternatives: string[][];
    /** Fields that must not all be given. */
    excludes: string[];
    at?: string;
  }[];
};

export function fieldsOf(table: string): Field[] {
  return model.tables.find((one) => one.name === table)!.fields;
}

export const TYPES = fieldsOf("provider").find((field) => field.key === "type")!.values!;

export const SERVICE_ACCOUNT = JSON.stringify({
  client_email: "a@b.test",
  private_key_id: "1",
  private_key: "-----",
  token_uri: "https://t.test",
});

/** Good texts of each format; the first is not empty. */
export const GOOD_TEXTS: Record<string, string[]> = {
  any: ["some text", "é", "x"],
  token: ["sk-1", "a b"],
  host: ["llm.box", "llm.box:8080", "[::1]:80"],
  path: ["/v1", "/v1/chat?x=1", "/"],
  word: ["us-east-1", "2023-06-01", "a:b"],
  endpoint: ["https://llm.test/v1", "llm.test:80/v1", "http://h"],
  url: ["https://files.test/a.txt", "http://h:80"],
  azureUrl: [
    "https://r.openai.azure.com?api-version=2025-01-01",
    "https://r.test/openai/deployments/d/chat/completions?x=1&api-version=1#f",
    "https://r.test/openai/v1",
    "https://r.test/openai/v1/chat",
  ],
  serviceAccount: [SERVICE_ACCOUNT],
  headerName: ["x-api-key", "X_Key.1"],
  credential: ["gw-key-1", `sha256:${"0aF9".repeat(16)}`, "sha25", "a b"],
  limitSubject: ["consumer", "header:x-user", "all", "model"],
  affinity: ["consumer", "header:X-User", "none"],
  stickiness: ["consumer", "header:X-User", "session", "request"],
  currency: ["USD", "CNY"],
  dateTime: ["2027-01-31T00:00:00Z", "2024-02-29T23:59:59.25+05:30", "0000-12-31T00:00:00-00:00"],
};

/** Texts that break a format. */
export const BAD_TEXTS: Record<string, string[]> = {
  any: [],
  token: ["sk\n", "a\u0000", "\u007f"],
  host: ["https://llm.box", "a/b", "a b", "user@h", "a?b"],
  path: ["v1", "/a b", "/a#b", "https://h/v1"],
  word: ["a/b", "a b", "a?b", "#"],
  endpoint: ["ftp://h", "http://", "https:///x", "a b", ":80", "/v1"],
  url: ["files.test/a.txt", "http://", "https://a b", "ftp://h/"],
  azureUrl: [
    "https://r.test",
    "https://r.test?api-version=",
    "https://r.test/openai/v10",
    "r.test?api-version=1",
    "https://r.test#?api-version=1",
    "https://r.test?xapi-version=1",
  ],
  serviceAccount: ["{}", "not json", '{"client_email":"a"}'],
  headerName: ["a b", "x:y", "a/b", "é", "[x]"],
  credential: ["sha256:abc", `sha256:${"g".repeat(64)}`, "a\n"],
  limitSubject: ["header:", "header:a b", "Consumer", "ip"],
  affinity: ["header:", "header:a b", "Consumer", "all", "session"],
  stickiness: ["header:", "header:a b", "Session", "none", "consumers"],
  currency: ["usd", "US", "EURO", "U$D"],
  dateTime: [
    "2027-01-31",
    "2027-02-30T00:00:00Z",
    "2027-13-01T00:00:00Z",
    "2027-04-31T00:00:00Z",
    "2027-01-31T24:00:00Z",
    "2027-01-31T00:60:00Z",
    "2027-01-31T00:00:60Z",
    "2027-01-31T00:00:00",
    "2027-01-31T00:00:00.Z",
    "2027-01-31T00:00:00+24:00",
    "2027-01-31T00:00:00+0100",
    "2027-01-31t00:00:00z",
    "1767225600",
  ],
};

const anyJson = fc.oneof(
  fc.constantFrom<Json>("x", "", "5", 1, 0, -1, 1.5, 1e9, true, false, [], {}, ["a"], { a: 1 }, { a: "b" }, [{ a: "b" }]),
  fc.string({ maxLength: 8 }),
);

function stretched(text: string, field: Field): string {
  return field.min > 1 ? "k".repeat(field.min) : text;
}

function goodText(field: Field): fc.Arbitrary<string> {
  const texts = GOOD_TEXTS[field.format].map((text) => stretched(text, field));
  if (field.min === 0 && !["url", "serviceAccount"].includes(field.format)) texts.push("");
  return fc.constantFrom(...texts);
}

function goodValue(field: Field): fc.Arbitrary<Json> {
  switch (field.kind) {
    case "text":
      return field.values ? fc.constantFrom(...field.values) : goodText(field);
    case "integer":
      return fc.oneof(fc.integer({ min: field.min, max: field.max }), fc.constantFrom(field.min, field.max));
    case "boolean":
      return fc.boolean();
    case "textList":
      return fc.array(goodText(field), { maxLength: 3 });
    case "textMap":
      return fc.dictionary(field.values ? fc.constantFrom(...field.values) : fc.string({ maxLength: 6 }), goodText(field), { maxKeys: 3 });
    case "modelMap": {
      const names = fc.dictionary(fc.constantFrom("gpt-4", "gpt-*", "*", "~^a.*$", "a/b~c"), fc.constantFrom("m", ""), {
        maxKeys: 3,
      });
      return fc.oneof(
        names,
        names.map((map) => Object.entries(map).map(([key, value]) => ({ [key]: value }))),
      );
    }
    case "object":
      return objectOf(field.table!);
    case "objectList":
      return fc.array(objectOf(field.table!), { maxLength: 2 });
    case "amount":
      return fc.constantFrom<Json>(2.5, "0.075", 1e-6, "1e3", 1e9, "12.50", ...(field.min === 0 ? [0, "0"] : []));
    case "raw":
      return fc.oneof(anyJson, fc.constant(null));
    default:
      return fc.dictionary(fc.string({ maxLength: 4 }), anyJson, { maxKeys: 2 });
  }
}

function badValue(field: Field): fc.Arbitrary<Json> {
  const choices: fc.Arbitrary<Json>[] = [anyJson];
  if (field.kind === "integer") choices.push(fc.constantFrom(field.min - 1, field.max + 1, 2.5, 1e300));
  if (field.kind === "amount") choices.push(fc.constantFrom<Json>(-1, "-1", "01", "1,5", "", 1e10, 0, "0.00"));
  const bad = BAD_TEXTS[field.format];
  if (bad.length > 0) choices.push(field.kind === "textList" ? fc.constantFrom(...bad.map((text) => [text])) : fc.constantFrom(...bad));
  if (field.kind === "textMap") choices.push(fc.constant({ "openai/v1/nothing": "/x" }));
  if (field.kind === "modelMap") choices.push(fc.constant([{ a: "b", c: "d" }]), fc.constant([{}]), fc.constant({ a: 1 }));
  return fc.oneof(...choices);
}

/** A value for one field: seldom wrong or null. */
function anyValue(field: Field): fc.Arbitrary<Json> {
  return fc.oneof(
    { weight: 40, arbitrary: goodValue(field) },
    { weight: 1, arbitrary: badValue(field) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** An object of a table: its required fields nearly always, some others. */
export function objectOf(table: string): fc.Arbitrary<{ [key: string]: Json }> {
  if (table === "provider") return providerObject();
  const needed = {
    side: ["cluster"],
    consumer: ["name", "credential"],
    limit: ["requestsPerMinute", "currency"],
    price: ["models", "currency", "input"],
  }[table];
  if (needed) {
    const fields = fieldsOf(table);
    return someFields(
      fields,
      4,
      fields.filter((field) => needed.includes(field.key)),
    );
  }
  return someFields(
    fieldsOf(table),
    4,
    fieldsOf(table).filter((field) => field.required),
  );
}

function someFields(fields: Field[], most: number, always: Field[]): fc.Arbitrary<{ [key: string]: Json }> {
  const pair = (field: Field) => anyValue(field).map((value) => [field.key, value] as [string, Json]);
  const kept = fc.oneof({ weight: 30, arbitrary: fc.constant(always) }, { weight: 1, arbitrary: fc.subarray(always) });
  return fc
    .tuple(kept, fc.subarray(fields, { maxLength: Math.min(most, fields.length) }))
    .chain(([must, may]) => fc.tuple(...[...new Set([...may, ...must])].map(pair)))
    .map((pairs) => Object.fromEntries(pairs) as { [key: string]: Json });
}

/** The fields that a type needs: one alternative of each condition. */
export function neededBy(type: string, alternative = 0): string[] {
  return model.conditions
    .filter((condition) => condition.table === "provider" && condition.types?.includes(type) && !condition.constant)
    .flatMap((condition) => condition.alternatives[Math.min(alternative, condition.alternatives.length - 1)] ?? []);
}

/** A good value that is not empty. */
export function sample(field: Field): Json {
  if (field.kind === "integer") return Math.max(field.min, 1);
  if (field.kind === "boolean") return true;
  if (field.kind === "amount") return "0.5";
  const text = stretched(GOOD_TEXTS[field.format][0], field);
  return field.kind === "textList" ? [text] : (field.values?.[0] ?? text);
}

/** The smallest valid provider of a type. */
export function validProvider(type: string, alternative = 0): { [key: string]: Json } {
  const provider: { [key: string]: Json } = { type };
  for (const key of neededBy(type, alternative)) provider[key] = sample(fieldsOf("provider").find((field) => field.key === key)!);
  return provider;
}

/** Each type with what it needs, without each part of that, and with the parts of two alternatives. */
export function barelyValid(): { [key: string]: Json }[] {
  const alternatives = TYPES.map((type) => [0, 1, 2].map((alternative) => validProvider(type, alternative)));
  const both = alternatives.flatMap(([first, second, third]) => [
    { ...first, ...second },
    { ...second, ...third },
    { ...first, ...third },
  ]);
  const parts = alternatives
    .flat()
    .flatMap((provider) => [
      provider,
      ...Object.keys(provider).map((left) => Object.fromEntries(Object.entries(provider).filter(([key]) => key !== left))),
    ]);
  return [...parts, ...both];
}

function providerObject(): fc.Arbitrary<{ [key: string]: Json }> {
  const fields = fieldsOf("provider");
  return fc.constantFrom(...TYPES).chain((type) => {
    const own = fields.filter((field) => field.providers?.includes(type));
    return fc
      .tuple(fc.nat(1), fc.nat(30), someFields(fields, 5, []), someFields(own, 3, []), fc.constantFrom("a", "b", ""))
      .map(([alternative, spoil, extra, special, id]) => {
        const provider: { [key: string]: Json } = { ...validProvider(type, alternative), id, ...extra, ...special };
        if (extra.type === undefined || spoil > 3) provider.type = type;
        if (spoil === 0) delete provider.apiTokens;
        if (spoil === 1) delete provider.type;
        return provider;
      });
  });
}

/** A whole configuration. */
export function configuration(): fc.Arbitrary<Json> {
  const rule = fc.tuple(objectOf("rule"), fc.nat(20)).map(([one, spoil]) => (spoil === 0 ? one : { _match_route_: ["r"], ...one }));
  const root = fc
    .tuple(someFields(fieldsOf("root"), 4, []), fc.option(fc.array(rule, { maxLength: 3 })), fc.constantFrom("", "a", "b", "zz"))
    .map(([fields, rules, active]) => {
      const config = { ...fields };
      if (rules !== null) config._rules_ = rules;
      if (typeof config.activeProviderId === "string") config.activeProviderId = active;
      return config as Json;
    });
  return fc.oneof({ weight: 60, arbitrary: root }, { weight: 1, arbitrary: anyJson });
}
