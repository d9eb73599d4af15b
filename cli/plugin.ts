// Runs the plugin on a configuration and finds the place of each of its messages.
import { decodeUtf8, encodeUtf8 } from "../emulator/bytes";
import { Host, type HostOptions } from "../emulator/host";
import type { ConfigFile, PluginSource } from "./config-file";
import { namedIn, noteOn, standIns, unsetIn, type Environment } from "./environment";
import type { Finding } from "./findings";
import type { Located } from "./located";
import { offsetOfBytes } from "./positions";

/** How the plugin begins each line about its configuration. */
export const CONFIGURATION = "ai-proxy configuration: ";
const WHOLE = "configuration: ";
/** Bytes of a key that the plugin shows. */
const SHOWN = 64;
const JSON_FAULT = / at line (\d+), column (\d+)$/;

export type Plugin = ReturnType<Host["configure"]>;

export interface Configured {
  host: Host;
  plugin: Plugin;
  /** The plugin takes the configuration. */
  starts: boolean;
  /** The variables that it names, with their values or stand-ins. */
  environment: Environment;
  findings: Finding[];
}

/** Runs the plugin. Variables without a value are noted, and the plugin gets stand-ins in their place. */
export async function configure(
  module: WebAssembly.Module,
  file: ConfigFile,
  source: PluginSource,
  environment: Environment,
  options: HostOptions = {},
): Promise<Configured> {
  const unset = new Map<string, Unset>();
  for (;;) {
    const values = { ...namedIn(source.text, environment), ...Object.fromEntries([...unset].map(([name, one]) => [name, one.value])) };
    const host = await Host.load(module, { ...options, environment: values });
    const plugin = host.configure(source.bytes);
    const problems = plugin.logs.flatMap(({ level, text }) => {
      const severity = SEVERITIES[level];
      return severity === undefined ? [] : [{ severity, ...readProblem(source, text) }];
    });
    if (addUnset(unset, problems) || tryOthers(unset, problems)) continue;
    if (plugin.trap !== null)
      problems.push({ severity: "error", at: startOf(source), pointer: "", message: `the plugin broke down: ${plugin.trap.message}` });
    for (const problem of problems) {
      const name = [...unset].find(([, one]) => one.places.some((place) => place.pointer === problem.pointer))?.[0];
      if (name !== undefined && problem.severity === "error")
        problem.message += `; this is about a stand-in for \${${name}}, give its value with --env`;
    }
    for (const [name, { places }] of unset)
      problems.push(...places.map((place) => ({ severity: "note" as const, ...place, message: noteOn(name) })));
    const findings = problems.map(({ at, ...problem }): Finding => {
      return { file: file.path, ...file.positions.at(at), ...problem, plugin: source.name, from: "plugin" };
    });
    return { host, plugin, starts: plugin.ok, environment: values, findings };
  }
}

const SEVERITIES: Partial<Record<string, Finding["severity"]>> = { warn: "warning", error: "error", critical: "error" };

/** A variable that has no value here. */
interface Unset {
  value: string;
  /** Values that are still to try, because fields ask for different formats. */
  others: Generator<string, undefined>;
  places: Place[];
}

type Reported = Problem & { severity: Finding["severity"] };

/** Takes in the variables that the plugin misses; true when there are new ones, or new places of them. */
function addUnset(unset: Map<string, Unset>, problems: Reported[]): boolean {
  let isNew = false;
  for (const { message, at, pointer } of problems) {
    const name = unsetIn(message);
    if (name === null) continue;
    const others = standIns(unset.size + 1);
    const one = unset.get(name) ?? { value: others.next().value ?? "", others, places: [] };
    unset.set(name, one);
    if (one.places.some((place) => place.pointer === pointer)) continue;
    one.places.push({ at, pointer });
    isNew = true;
  }
  return isNew;
}

/** Gives the next value to each variable whose place has an error; true when there was one. */
function tryOthers(unset: Map<string, Unset>, problems: Reported[]): boolean {
  const wrong = new Set(problems.filter((one) => one.severity === "error").map((one) => one.pointer));
  let isNew = false;
  for (const one of unset.values()) {
    if (!one.places.some((place) => wrong.has(place.pointer))) continue;
    const next = one.others.next();
    if (next.done === true) continue;
    one.value = next.value;
    isNew = true;
  }
  return isNew;
}

interface Place {
  at: number;
  pointer: string;
}

interface Problem extends Place {
  message: string;
}

/** Takes a line apart. `at` is the key that the pointer ends with, or the item of a list. */
export function readProblem(source: PluginSource, line: string): Problem {
  const start = startOf(source);
  if (!line.startsWith(CONFIGURATION)) return { at: start, pointer: "", message: line };
  const text = line.slice(CONFIGURATION.length);
  if (!text.startsWith(WHOLE)) return readPointer(source.root, text, start);
  const message = text.slice(WHOLE.length);
  const fault = JSON_FAULT.exec(message);
  if (fault === null || source.place === null) return { at: start, pointer: "", message };
  const at = source.place(offsetOfBytes(source.text, Number(fault[1]), Number(fault[2])));
  return { at, pointer: "", message: message.replace(JSON_FAULT, "") };
}

function startOf(source: PluginSource): number {
  return source.root?.at ?? source.place?.(0) ?? 0;
}

/** `/a/0/b: message`. Keys may hold anything, even ": ", so they are looked up among those that are there. */
function readPointer(root: Located | null, text: string, start: number): Problem {
  let here = root;
  let at = start;
  let end = 0;
  while (text[end] === "/") {
    const step = nextStep(here, text, end + 1);
    if (step === null) {
      // No such value (it may be missing, which is what the message says).
      const colon = text.indexOf(": ", end);
      end = colon < 0 ? text.length : colon;
      break;
    }
    ({ value: here, at, end } = step);
  }
  return { at, pointer: text.slice(0, end), message: text.slice(end + 2) };
}

interface Step {
  value: Located;
  at: number;
  end: number;
}

function nextStep(here: Located | null, text: string, from: number): Step | null {
  if (here?.kind === "list") {
    const digits = /^\d+/.exec(text.slice(from, from + 10))?.[0] ?? "";
    const item = here.items[Number(digits)];
    return digits === "" || item === undefined ? null : { value: item, at: item.at, end: from + digits.length };
  }
  let best: Step | null = null;
  if (here?.kind !== "object") return best;
  for (const [key, member] of here.members) {
    const shown = shownKey(key);
    if (!text.startsWith(shown, from)) continue;
    const end = isCut(key) ? text.indexOf("…", from) + 1 : from + shown.length;
    const isWhole = text[end] === "/" || text.startsWith(": ", end);
    if (isWhole && (best === null || end > best.end)) best = { value: member.value, at: member.keyAt, end };
  }
  return best;
}

function isCut(key: string): boolean {
  return encodeUtf8(key).length > SHOWN;
}

/** The key as the plugin shows it in a pointer; of one that it cuts, the part that is sure to be the same. */
function shownKey(key: string): string {
  const whole = isCut(key) ? decodeUtf8(encodeUtf8(key).subarray(0, SHOWN)).replace(/\ufffd*$/, "") : key;
  return (
    whole
      // eslint-disable-next-line no-control-regex -- the plugin shows these as question marks, too
      .replace(/[\u0000-\u001f\u007f]/g, "?")
      .replaceAll("~", "~0")
      .replaceAll("/", "~1")
  );
}
