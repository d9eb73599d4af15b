// Which rule a request falls under: what the index finds is what looking at one rule after another would.
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("config");
}, 60_000);

interface Rule {
  _match_route_?: string[];
  _match_route_prefix_?: string[];
  _match_domain_?: string[];
  _match_service_?: string[];
  _match_model_?: string[];
}
interface Request {
  route: string;
  authority: string;
  cluster: string;
  /** Null: not known yet. */
  model: string | null;
}

const NO_RULE = -1;
const NEEDS_MODEL = -2;
const OTHER_MODELS = -3;

const isPattern = (text: string, pattern: string) => {
  if (pattern.startsWith("~")) return new RegExp(pattern.slice(1), "u").test(text);
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
};
const isDomain = (host: string, domain: string) =>
  domain.startsWith("*") ? host.endsWith(domain.slice(1)) : domain.endsWith("*") ? host.startsWith(domain.slice(0, -1)) : host === domain;

function isService(cluster: string, service: string): boolean {
  if (service === cluster) return true;
  const parts = cluster.split("|");
  return parts.length === 4 && (service === parts[3] || service === `${parts[3]}:${parts[1]}`);
}

/** All conditions hold but that on the model. */
function meets(rule: Rule, { route, authority, cluster }: Request): boolean {
  const host = authority.toLowerCase().replace(/:\d+$/, "");
  return (
    (rule._match_route_?.includes(route) ?? true) &&
    (rule._match_route_prefix_?.some((prefix) => route.startsWith(prefix)) ?? true) &&
    (rule._match_domain_?.some((domain) => isDomain(host, domain.toLowerCase())) ?? true) &&
    (rule._match_service_?.some((service) => isService(cluster, service)) ?? true)
  );
}

const hasModels = ({ _match_model_: models }: Rule) => models !== undefined && !models.includes("*");

/** One rule after another. */
function linear(rules: Rule[], request: Request): number {
  const { model } = request;
  const met = rules.flatMap((rule, index) => (meets(rule, request) ? [index] : []));
  const takes = (index: number) => !hasModels(rules[index]) || rules[index]._match_model_!.some((one) => isPattern(model!, one));
  const first = model === null ? met[0] : met.find(takes);
  if (first === undefined) return met.length > 0 ? OTHER_MODELS : NO_RULE;
  return model === null && hasModels(rules[first]) ? NEEDS_MODEL : first;
}

/** Few letters, so that conditions equal each other, contain each other and begin and end alike. */
const letters = (most: number) => fc.string({ unit: fc.constantFrom("a", "b", ".", "A"), minLength: 1, maxLength: most });
const list = (one: fc.Arbitrary<string>) => fc.option(fc.uniqueArray(one, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 1 });
const domain = fc.oneof(
  letters(4),
  letters(3).map((text) => `*${text}`),
  letters(3).map((text) => `${text}*`),
  fc.constant("*"),
);
const cluster = fc.oneof(
  letters(3),
  fc.tuple(fc.constantFrom("80", "443"), letters(2)).map(([port, name]) => `outbound|${port}||${name}`),
);
const service = fc.oneof(
  cluster,
  letters(2),
  fc.tuple(letters(2), fc.constantFrom("80", "443")).map(([name, port]) => `${name}:${port}`),
);
const pattern = fc.oneof(
  letters(3),
  letters(2).map((text) => `${text}*`),
  fc.constantFrom("~a$", "~^b", "*"),
);
const rule: fc.Arbitrary<Rule> = fc
  .record(
    {
      _match_route_: list(letters(3)),
      _match_route_prefix_: list(letters(2)),
      _match_domain_: list(domain),
      _match_service_: list(service),
      _match_model_: fc.option(fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 2 }),
    },
    { requiredKeys: [] },
  )
  .map((one) => JSON.parse(JSON.stringify(one)) as Rule)
  .filter((one) => Object.keys(one).length > 0);
const request: fc.Arbitrary<Request> = fc.record({
  route: letters(4),
  authority: fc.tuple(letters(5), fc.constantFrom("", ":8080")).map((parts) => parts.join("")),
  cluster,
  model: fc.option(letters(4)),
});

function load(rules: Rule[]): void {
  const provider = { id: "p", type: "openai", apiTokens: ["k"] };
  const config = { providers: [provider], _rules_: rules.map((one) => ({ ...one, activeProviderId: "p" })) };
  const parsed = JSON.parse(Buffer.from(units.get(units.exports.parse(units.put(JSON.stringify(config))))).toString()) as object;
  expect(parsed).toMatchObject({ started: true });
}

function indexed({ route, authority, cluster: name, model }: Request): number {
  const [a, b, c, d] = [route, authority, name, model ?? ""].map((text) => units.put(text));
  return units.exports.matchModel(a, b, c, d, model === null ? 0 : 1);
}

it("the index finds the rule that looking at one after another finds", () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 14 }), fc.array(request, { minLength: 1, maxLength: 12 }), (rules, requests) => {
      load(rules);
      for (const one of requests) {
        // A model is looked at only where a rule asks for one.
        const asked = rules.some(hasModels) ? one : { ...one, model: "" };
        expect(indexed(asked), JSON.stringify(asked)).toBe(linear(rules, asked));
      }
    }),
    { numRuns: 500, seed: 20 },
  );
});

it("also of hundreds that have a condition in common", () => {
  const many = Array.from({ length: 300 }, (_, index): Rule => ({
    _match_model_: ["m*"],
    ...(index % 3 === 0 ? { _match_domain_: ["a.test"], _match_route_: [`r${index}`] } : { _match_domain_: [`*.${index}.test`] }),
  }));
  load(many);
  const requests = [0, 3, 299, 150, 1].flatMap((index) =>
    ["model", "other", null].flatMap((model) => [
      { route: `r${index}`, authority: "a.test", cluster: "c", model },
      { route: "r", authority: `x.${index}.TEST:80`, cluster: "c", model },
    ]),
  );
  for (const one of requests) expect(indexed(one), JSON.stringify(one)).toBe(linear(many, one));
});
