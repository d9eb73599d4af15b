// Runs the plugin on a configuration and finds the place of each of its messages.
import { Host, type HostOptions } from "../tests/host/host";
import type { ConfigFile, PluginSource } from "./config-file";
import type { Finding } from "./findings";
import type { Located } from "./located";
import { offsetOfBytes } from "./positions";

/** How the plugin begins each line about its configuration. */
const PREFIX = "ai-proxy configuration: ";
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
  findings: Finding[];
}

export async function configure(
  module: WebAssembly.Module,
  file: ConfigFile,
  source: PluginSource,
  options: HostOptions = {},
): Promise<Configured> {
  const host = await Host.load(module, options);
  const plugin = host.configure(source.bytes);
  const findings: Finding[] = [];
  const add = (severity: Finding["severity"], { at, pointer, message }: Problem) =>
    findings.push({ file: file.path, ...file.positions.at(at), severity, message, pointer, plugin: source.name, from: "plugin" });
  for (const { level, text } of plugin.logs) {
    if (level !== "warn" && level !== "error" && level !== "critical") continue;
    add(level === "warn" ? "warning" : "error", readProblem(source, text));
  }
  if (plugin.trap !== null) add("error", { at: startOf(source), pointer: "", message: `the plugin broke down: ${plugin.trap.message}` });
  return { host, plugin, starts: plugin.ok, findings };
}

interface Problem {
  at: number;
  pointer: string;
  message: string;
}

/** Takes a line apart. `at` is the key that the pointer ends with, or the item of a list. */
export function readProblem(source: PluginSource, line: string): Problem {
  const start = startOf(source);
  if (!line.startsWith(PREFIX)) return { at: start, pointer: "", message: line };
  const text = line.slice(PREFIX.length);
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
  return Buffer.byteLength(key) > SHOWN;
}

/** The key as the plugin shows it in a pointer; of one that it cuts, the part that is sure to be the same. */
function shownKey(key: string): string {
  const whole = isCut(key)
    ? Buffer.from(key)
        .subarray(0, SHOWN)
        .toString("utf8")
        .replace(/\ufffd*$/, "")
    : key;
  // eslint-disable-next-line no-control-regex
  return whole
    .replace(/[\u0000-\u001f\u007f]/g, "?")
    .replaceAll("~", "~0")
    .replaceAll("/", "~1");
}
