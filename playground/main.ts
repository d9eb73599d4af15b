// The page: its pickers, the check while typing, the run, and the link.
import wasm from "../build/plugin.wasm";
import examples from "playground:examples";
import { byId, h, prefersStill, replaceChildren } from "./dom";
import { verdictOf } from "../cli/verdict";
import { check, countOf, observe, run, type Checked, type Finding, type ObserveOptions } from "./engine";
import { exportText, type ExportKind } from "./export";
import { FieldHelp } from "./field-help";
import { Form } from "./form";
import { CLUSTER, REQUESTS, ROUTE, requestOf } from "./requests";
import { drawResults, summaryOf, type Drawn } from "./results";
import type { Setup } from "./setup";
import { prepareKey } from "./stand-in-key";
import { fragmentOf, readFragment, type Start } from "./share";

const CHECK_AFTER_MS = 250;

const module = WebAssembly.compile(wasm);
const form = new Form(checkSoon);
const provider = byId<HTMLSelectElement>("provider");
const example = byId<HTMLSelectElement>("example");
const recorded = byId<HTMLSelectElement>("case");
const status = byId("status");
let start: Start = { provider: "claude", request: REQUESTS[0].id, case: "" };
let timer = 0;
/** The setup that the results belong to, as text; "" before the first run. */
let shown = "";
/** Where the last request went. */
let providerHost = "";
/** Counts runs and checks: what an older one finds is not shown. */
let turn = 0;
let checkTurn = 0;

// ---------------------------------------------------------------- examples

function exampleSetup(from: Start): Setup {
  const found = examples.cases.find((one) => one.name === from.case);
  if (found !== undefined) return found.setup;
  const request = REQUESTS.find((one) => one.id === from.request) ?? REQUESTS[0];
  const type = examples.providers.find((one) => one.type === from.provider) ?? examples.providers[0];
  const reply = replyExample(from);
  return {
    config: type.config,
    request: requestOf(request),
    route: ROUTE,
    cluster: CLUSTER,
    reply: { status: reply.status, headers: [["content-type", reply.type]], body: reply.body, ends: "complete" },
  };
}

/** The first of all where the provider is not asked. */
function replyExample(from: Start) {
  return examples.replies[examples.replyOf[from.provider]?.[from.request] ?? 0];
}

function choose(next: Start): void {
  start = next;
  form.setup = exampleSetup(start);
  byId<HTMLSelectElement>("plugin").replaceChildren();
  showChoice();
}

function showChoice(): void {
  const found = examples.cases.find((one) => one.name === start.case);
  provider.value = found === undefined ? start.provider : "";
  example.value = found === undefined ? start.request : "";
  recorded.value = found === undefined ? "" : start.case;
  byId("why").textContent = found?.why ?? "";
  const isAsked = examples.replyOf[start.provider]?.[start.request] !== undefined;
  byId("reply-source").textContent =
    found !== undefined
      ? `from tests/cases/${found.name}.yaml`
      : isAsked
        ? `example from ${replyExample(start).source}`
        : "not used: this provider does not have this API";
}

/** A provider or a request was picked. What was edited in the other two inputs stays, unless it belongs to a case. */
function pick(next: Partial<Start>): void {
  const from: Start = { provider: start.provider || "claude", request: start.request || REQUESTS[0].id, ...next, case: "" };
  const before = start.case === "" ? exampleSetup(start) : null;
  const edited = form.setup;
  const after = exampleSetup(from);
  const isKept = (key: "config" | "request") => before !== null && JSON.stringify(edited[key]) !== JSON.stringify(before[key]);
  choose(from);
  form.setup = {
    ...after,
    ...(next.provider === undefined && isKept("config") ? { config: edited.config } : {}),
    ...(next.request === undefined && isKept("request") ? { request: edited.request } : {}),
  };
  void checkAndRun();
}

function fillPickers(): void {
  provider.append(new Option("—", ""), ...examples.providers.map(({ type }) => new Option(type)));
  example.append(new Option("—", ""), ...REQUESTS.map(({ id, label }) => new Option(label, id)));
  recorded.append(new Option("—", ""));
  const words = (name: string) => name.replaceAll("-", " ");
  for (const group of new Set(examples.cases.map((one) => one.name.split("/")[0]))) {
    const label = words(group.charAt(0).toUpperCase() + group.slice(1));
    const names = examples.cases.map((one) => one.name).filter((name) => name.startsWith(`${group}/`));
    const options = names.map((name) => new Option(`${label}: ${words(name.slice(group.length + 1))}`, name));
    recorded.append(h("optgroup", { label }, ...options));
  }
  provider.addEventListener("change", () => pick({ provider: provider.value || "claude" }));
  example.addEventListener("change", () => pick({ request: example.value || REQUESTS[0].id }));
  recorded.addEventListener("change", () => {
    if (recorded.value === "") return pick({});
    choose({ provider: "", request: "", case: recorded.value });
    void checkAndRun();
  });
}

// ---------------------------------------------------------------- check

function checkSoon(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void checkNow(), CHECK_AFTER_MS);
}

async function checkNow(): Promise<void> {
  clearTimeout(timer);
  const own = ++checkTurn;
  const { config, plugin } = form.setup;
  if (config.includes("${")) await prepareKey();
  const checked = await check(await module, config, plugin);
  if (own === checkTurn) showFindings(checked);
}

function showFindings({ starts, findings, plugins }: Checked): void {
  const errors = countOf(findings, "error");
  const warnings = countOf(findings, "warning");
  const verdict = byId("verdict");
  verdict.className = `verdict-line ${errors > 0 || !starts ? "bad" : warnings > 0 ? "fair" : "good"}`;
  verdict.textContent = verdictOf(plugins.length === 0 ? [] : [{ starts }], findings);
  form.config.mark(findings);
  replaceChildren(byId("findings"), ...findings.map(findingItem));
  const select = byId<HTMLSelectElement>("plugin");
  byId("plugin-field").hidden = plugins.length < 2;
  const chosen = select.value;
  select.replaceChildren(...(plugins.length < 2 ? [] : plugins.map((name) => new Option(name))));
  if (plugins.includes(chosen)) select.value = chosen;
}

function findingItem({ line, column, severity, message, pointer }: Finding): HTMLElement {
  const place = h("b", {}, `${line}:${column}`);
  const where = pointer === "" ? null : h("code", {}, pointer);
  const go = () => form.config.goTo(line, column);
  const said = h("i", { class: "unseen" }, `${severity} at `);
  return h("li", {}, h("button", { type: "button", class: severity, onclick: go }, said, place, h("span", {}, message), where));
}

// ---------------------------------------------------------------- run

async function runNow(): Promise<void> {
  const own = ++turn;
  const { setup } = form;
  const results = byId("results");
  results.setAttribute("aria-busy", "true");
  shown = JSON.stringify(setup);
  showAge();
  const problem = problemOf(setup);
  if (problem !== null) return showProblem(problem);
  try {
    const outcome = await run(await module, setup);
    if (own !== turn) return;
    providerHost = outcome.explanation?.upstream?.host ?? providerHost;
    const drawn = drawResults(setup, outcome);
    replaceChildren(results, ...drawn.parts);
    await play(drawn, () => own === turn);
    if (own !== turn) return;
    status.textContent = summaryOf(outcome);
    status.className = `status ${outcome.response !== null && outcome.response.status < 400 && outcome.response.isComplete ? "good" : "bad"}`;
    results.setAttribute("aria-busy", "false");
    await writeFragment(setup);
  } catch (error) {
    if (own === turn) showProblem(error instanceof Error ? error.message : String(error));
  }
}

/** Results of an earlier edit are greyed, and say so. */
function showAge(): void {
  const isOld = shown !== "" && JSON.stringify(form.setup) !== shown;
  byId("results").classList.toggle("old", isOld);
  byId("age").hidden = !isOld;
}

function problemOf({ request, reply }: Setup): string | null {
  if (!/^\/[\x21-\x7e]*$/.test(request.path)) return "The path must begin with a slash and have no spaces.";
  if (request.authority === "") return "The request needs a host.";
  if (!Number.isInteger(reply.status) || reply.status < 200 || reply.status > 599)
    return "The status of the response must be a number from 200 to 599.";
  return null;
}

function showProblem(text: string): void {
  const results = byId("results");
  replaceChildren(results, h("section", { class: "card problem", role: "alert" }, h("h2", {}, "This cannot be run"), h("p", {}, text)));
  results.setAttribute("aria-busy", "false");
  status.className = "status bad";
  status.textContent = text;
}

/** Adds the arrivals at their times; at once for those who want no motion. */
async function play({ next, nextAt }: Drawn, isCurrent: () => boolean): Promise<void> {
  const isStill = prefersStill();
  const began = performance.now();
  for (let more = true; more && isCurrent();) {
    const wait = nextAt() - (performance.now() - began);
    if (!isStill && wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    more = isCurrent() && next();
  }
}

async function checkAndRun(): Promise<void> {
  await checkNow();
  await runNow();
}

// ---------------------------------------------------------------- link

async function writeFragment(setup: Setup): Promise<string[]> {
  const { fragment, notes } = await fragmentOf(start, setup, exampleSetup(start));
  history.replaceState(null, "", `#${fragment}`);
  return notes;
}

async function copyLink(): Promise<void> {
  const notes = await writeFragment(form.setup);
  const isCopied = await navigator.clipboard.writeText(location.href).then(
    () => true,
    () => false,
  );
  status.className = "status";
  status.textContent = [isCopied ? "The link is copied." : "The link is in the address bar.", ...notes].join(" ");
}

async function readLink(): Promise<void> {
  const shared = await readFragment(location.hash);
  if (shared === null) return choose(start);
  choose({ ...start, ...Object.fromEntries(Object.entries(shared.start).filter(([, value]) => value !== "")) });
  const changes = shared.changes;
  if (Object.keys(changes).length > 0) form.setup = { ...exampleSetup(start), ...changes };
}

// ---------------------------------------------------------------- export

function showExport(): void {
  const kind = byId<HTMLSelectElement>("export-kind").value as ExportKind;
  const text = exportText(kind, form.setup, providerHost || "provider.example.com");
  byId("export-text").textContent =
    text ??
    (kind === "sdk"
      ? "The official SDKs have no call for this path and body."
      : "There is no configuration that can be read: its errors are listed above.");
  byId<HTMLButtonElement>("export-copy").disabled = text === null;
}

async function copyExport(): Promise<void> {
  const text = byId("export-text").textContent ?? "";
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  status.className = "status";
  status.textContent = isCopied
    ? "The file is copied; put in your keys."
    : "The browser does not let the page copy: select the text below.";
}

byId("export").addEventListener("toggle", showExport);
byId("export-kind").addEventListener("change", showExport);
byId("export-copy").addEventListener("click", () => void copyExport());

// ---------------------------------------------------------------- start

new FieldHelp(form.config.area, byId("field-help"));
byId("inputs").addEventListener("input", showAge);
byId("inputs").addEventListener("change", showAge);
byId("run").addEventListener("click", () => {
  // On a phone the results are far below the button.
  if (window.matchMedia("(max-width: 1000px)").matches) byId("results").scrollIntoView({ behavior: prefersStill() ? "auto" : "smooth" });
  void checkAndRun();
});
byId("share").addEventListener("click", () => void copyLink());
byId("plugin").addEventListener("change", () => void checkAndRun());
byId("skip").addEventListener("click", (event) => {
  // The fragment belongs to the setup.
  event.preventDefault();
  byId("results").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  void checkAndRun();
});
window.addEventListener("hashchange", () => void readLink().then(checkAndRun));
byId("build").textContent =
  `Plugin ${VERSION}, SHA-256 ${PLUGIN_SHA256.slice(0, 16)}…, ${Math.round(wasm.length / 1024)} KB: the module that Envoy loads, in the emulator that the tests use.`;
fillPickers();

/** For the tests: whole exchanges with nothing masked, run by this page. */
const playground = {
  sha256: PLUGIN_SHA256,
  wasm,
  examples,
  observe: async (setup: Setup, options?: ObserveOptions) => observe(await module, setup, options),
  run: async (setup: Setup) => run(await module, setup),
  ready: readLink().then(checkAndRun),
};
export type Playground = typeof playground;
(globalThis as { playground?: Playground }).playground = playground;
