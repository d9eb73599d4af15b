// Fuzz target: the configuration's parser.
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { PluginConfig } from "../../../assembly/config/config";
import { parseConfig } from "../../../assembly/config/parse";
import { Problem } from "../../../assembly/config/problems";
import { out, sized, word } from "./common";

const again = new Buffer(4096);
/** Lines that a report keeps, and the one that counts the rest. */
const MOST_LINES: i32 = 101;

/** False when a line is not fit for the log. */
function lines(to: Buffer, list: Array<Problem>): bool {
  word(to, list.length);
  for (let k = 0; k < list.length; k++) {
    sized(to, View.utf8(list[k].toString()));
    if (list[k].message.length == 0) return false;
  }
  return list.length <= MOST_LINES;
}

/** Makes the providers, as their first requests do. */
function readProviders(config: PluginConfig): void {
  const provider = config.provider;
  if (provider !== null) provider.read();
  for (let k = 0; k < config.rules.length; k++) {
    const own = config.rules[k].provider;
    if (own !== null) own.read();
  }
}

function matches(config: PluginConfig, text: View): void {
  const end = text.length < 40 ? text.length : 40;
  config.match(text.slice(0, end), View.utf8("llm.test:80"), View.utf8("outbound|80||x"), null);
}

/** 0, or the number of the property that does not hold. `out` holds whether it was taken, all problems and all warnings. */
export function config(ptr: usize, length: i32): i32 {
  const text = new View(ptr, length);
  out.clear();
  const first = parseConfig(text);
  word(out, first.config === null ? 0 : 1);
  if (!lines(out, first.problems) || !lines(out, first.warnings)) return 1;
  if ((first.config === null) != first.problems.length > 0) return 2;
  const taken = first.config;
  if (taken !== null) {
    matches(taken, text);
    readProviders(taken);
  }
  const second = parseConfig(text);
  again.clear();
  word(again, second.config === null ? 0 : 1);
  lines(again, second.problems);
  lines(again, second.warnings);
  return again.toView().sameAs(out.toView()) ? 0 : 3;
}
