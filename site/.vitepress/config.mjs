// The site's settings. Its pages are laid out by ../stage.mjs; nothing on it is fetched from elsewhere.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { CHINESE_GROUPS, GROUPS, sidebarOf } from "../pages.mjs";
import { anchorOf } from "../anchor.mjs";
import { ROOT, STAGE } from "../stage.mjs";

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
/** Written by ../build.mjs. @type {{ page: string, title: string }[]} */
const pages = JSON.parse(readFileSync(join(STAGE, "pages.json"), "utf8"));

/** @param {(page: string) => boolean} isMine @param {string} prefix */
function sidebar(isMine, prefix, groups, rest, names) {
  const mine = pages.filter(({ page }) => isMine(page)).map(({ page, title }) => ({ page: page.slice(prefix.length), title }));
  const link = (page) => `/${prefix}${page === "index" ? "" : page}`;
  return sidebarOf(mine, groups, rest).map(({ text, items }) => ({
    text,
    items: items.map(({ page, title }) => ({ text: names[page] ?? title, link: link(page) })),
  }));
}

/** Words of a text: Latin ones, and of Chinese each pair of neighbours. It is sent to the browser as text, so it names nothing outside. */
const tokenize = (text) =>
  (text.toLowerCase().match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu) ?? []).flatMap((word) =>
    /\p{Script=Han}/u.test(word) && word.length > 2 ? [...word].slice(1).map((char, at) => word[at] + char) : [word],
  );

const searchChinese = {
  button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
  modal: {
    displayDetails: "显示详细列表",
    resetButtonTitle: "清除",
    backButtonTitle: "关闭",
    noResultsText: "没有结果：",
    footer: { selectText: "选择", navigateText: "切换", closeText: "关闭" },
  },
};

export default defineConfig({
  srcDir: STAGE,
  outDir: join(ROOT, "build/site"),
  cacheDir: join(ROOT, "build/site-cache"),
  base: process.env.SITE_BASE ?? "/",
  title: "ai-proxy-wasm",
  head: [
    [
      "link",
      {
        rel: "icon",
        href: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='M2 8h8m-3-3 3 3-3 3M13 3v10' fill='none' stroke='%233451b2' stroke-width='2'/></svg>",
      },
    ],
  ],
  // The build fails on a link to a page that is not there; the playground is no page of VitePress.
  ignoreDeadLinks: [/^\/playground\//],
  lastUpdated: false,
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    anchor: { slugify: anchorOf },
    config(md) {
      // What scrolls by itself must be reached by the keyboard.
      md.renderer.rules.table_open = () => '<table tabindex="0">\n';
    },
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: { options: { tokenize }, searchOptions: { tokenize, prefix: true, fuzzy: 0.1 } },
        locales: { zh: { translations: searchChinese } },
      },
    },
    outline: [2, 3],
  },
  locales: {
    root: {
      label: "English",
      lang: "en",
      description: "One OpenAI-compatible API over every model provider, inside Envoy, Istio and Higress",
      themeConfig: {
        nav: [
          { text: "Configuration", link: "/configuration" },
          { text: "Providers", link: "/providers" },
          { text: "Operations", link: "/operations" },
          { text: "Playground", link: "/playground/index.html", target: "_self" },
          { text: version, link: "/changelog" },
        ],
        sidebar: sidebar((page) => !page.startsWith("zh/"), "", GROUPS, "More", { index: "Overview", docs: "All pages" }),
      },
    },
    zh: {
      label: "中文",
      lang: "zh-CN",
      description: "以 OpenAI 兼容协议接入各家模型服务，运行于 Envoy、Istio 与 Higress",
      themeConfig: {
        nav: [
          { text: "配置", link: "/zh/configuration" },
          { text: "运维", link: "/zh/operations" },
          { text: "试验场", link: "/playground/index.html", target: "_self" },
          { text: "英文文档", link: "/docs" },
        ],
        sidebar: sidebar((page) => page.startsWith("zh/"), "zh/", CHINESE_GROUPS, "其他", { index: "概览" }),
        outlineTitle: "本页内容",
        docFooter: { prev: "上一页", next: "下一页" },
        darkModeSwitchLabel: "深色模式",
        lightModeSwitchTitle: "切换到浅色模式",
        darkModeSwitchTitle: "切换到深色模式",
        sidebarMenuLabel: "菜单",
        returnToTopLabel: "回到顶部",
        langMenuLabel: "切换语言",
        skipToContentLabel: "跳到正文",
      },
    },
  },
});
