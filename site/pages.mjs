// The order of the pages. A page that is named nowhere comes at the end by itself, so that a new one cannot be forgotten.

/** Groups of the side bar: pages of docs/, or of the root in capitals. */
export const GROUPS = [
  [
    "Start",
    [
      "README",
      "first-steps",
      "behaviour",
      "envoy",
      "istio",
      "envoy-gateway",
      "higress",
      "migrating-from-higress",
      "playground",
      "docs/README",
    ],
  ],
  ["Configure", ["configuration", "providers", "routing", "failover", "secrets", "credentials", "access-control", "limits", "cost"]],
  ["Operate", ["operations", "metrics", "traces", "cli", "security", "performance", "releases", "CHANGELOG", "SECURITY"]],
  ["Translations", ["matrix", /^translation-/, "counting-tokens", "conversation-form"]],
  ["Change it", ["CONTRIBUTING", "CODE_OF_CONDUCT", "ARCHITECTURE", "adding-a-provider", "mutation-testing", /^decisions\//]],
];

/** The same of the pages in Chinese. */
export const CHINESE_GROUPS = [
  ["开始", ["README", "envoy", "istio", "envoy-gateway", "higress", "migrating-from-higress"]],
  ["配置", ["configuration"]],
  ["运维", ["operations"]],
];

const NAMES = { README: "index", "docs/README": "docs", SECURITY: "security-policy" };

/**
 * Where a document stands on the site, without its ending: `docs/cli.md` is `cli`, `docs/higress.zh.md` is `zh/higress`. Undefined for
 * what is no page of its own there.
 * @param {string} path in the repository
 * @returns {string | undefined}
 */
export function pageOf(path) {
  if (!/^(?:docs\/(?:decisions\/)?)?[\w.-]+\.md$/.test(path)) return undefined;
  const isChinese = path.endsWith(".zh.md");
  const plain = path.replace(/(?:\.zh)?\.md$/, "");
  const name = NAMES[plain] ?? (plain.startsWith("docs/") ? plain.slice("docs/".length) : plain.toLowerCase());
  return isChinese ? `zh/${name}` : name;
}

/** @param {string | RegExp} wanted @param {string} page */
const isWanted = (wanted, page) =>
  typeof wanted === "string" ? page === (NAMES[wanted] ?? (/^[A-Z_]+$/.test(wanted) ? wanted.toLowerCase() : wanted)) : wanted.test(page);

/**
 * Pages of one language in the order of the side bar.
 * @param {{ page: string, title: string }[]} pages without the language's prefix
 * @param {[string, (string | RegExp)[]][]} groups
 * @param {string} rest name of the group for those that no other one names
 */
export function sidebarOf(pages, groups, rest) {
  const left = new Set(pages);
  const taken = groups.map(([text, wanted]) => {
    const items = wanted.flatMap((one) => pages.filter((page) => left.has(page) && isWanted(one, page.page)));
    for (const item of items) left.delete(item);
    return { text, items };
  });
  return [...taken, { text: rest, items: [...left] }].filter(({ items }) => items.length > 0);
}
