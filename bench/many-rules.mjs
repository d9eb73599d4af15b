// Configurations of many rules, for what measures how they are read.

const TYPES = ["openai", "claude", "gemini", "deepseek", "qwen"];
const token = (name, index) => `sk-${name.repeat(32)}${index}`;
const numbers = (count) => Array.from({ length: count }, (_, index) => index);

const provider = (index, edition) => ({
  id: `provider-${edition}${index}`,
  type: TYPES[index % TYPES.length],
  apiTokens: [token("a", index), token("b", index)],
  modelMapping: { "gpt-4*": "model-a", "gpt-3*": "model-b", "*": "model-c" },
  timeout: 60_000,
  failover: { enabled: true, failureThreshold: 2, cooldownDuration: 60_000 },
});
const match = (index) => ({ _match_route_: [`route-${index}`], _match_domain_: [`api${index}.example.com`] });

/**
 * So many rules, each with a provider of its own. Another `edition` gives another text.
 * @param {number} count
 * @param {string} [edition]
 */
export const ownProviders = (count, edition = "") => ({
  _rules_: numbers(count).map((index) => ({ ...match(index), provider: provider(index, edition) })),
});

/**
 * So many rules and a catalogue of as many providers.
 * @param {number} count
 */
export const catalogue = (count) => ({
  providers: numbers(count).map((index) => provider(index, "")),
  _rules_: numbers(count).map((index) => ({ ...match(index), activeProviderId: `provider-${index}` })),
});
