// Below the configuration: what the schema says of the field at the cursor, and the fields that begin with the word there. The place is
// found by indentation, so it holds for YAML of all kinds; in other layouts the field is looked for by its name.
import fields from "playground:fields";
import { h, replaceChildren } from "./dom";

interface Field {
  kind: string;
  text: string;
  table?: string;
  values?: string[];
  preset?: unknown;
}

/** Tables by name, each with its fields. */
export type Fields = Record<string, Record<string, Field>>;

const KEY = /^(\s*(?:- )*)(?:\{ *)?["']?([\w$-]+)["']?\s*:/;
const OFFERED = 12;

export interface Place {
  /** The word that is being typed, and where it begins. */
  word: string;
  start: number;
  /** Names of the keys above, outermost first. */
  above: string[];
  /** The key of the cursor's line; "" where the line has none yet. */
  key: string;
}

/** Where the cursor is in a text. */
export function placeOf(text: string, cursor: number): Place {
  const before = text.slice(0, cursor);
  const lines = before.split("\n");
  const line = lines.at(-1) ?? "";
  const whole = line + (/^[^\n]*/.exec(text.slice(cursor))?.[0] ?? "");
  const word = /[\w$-]*$/.exec(line)?.[0] ?? "";
  const above: string[] = [];
  let depth = indentOf(whole);
  for (const one of lines.slice(0, -1).reverse()) {
    const found = KEY.exec(one);
    if (found === null || found[1].length >= depth || /^\s*#/.test(one)) continue;
    above.unshift(found[2]);
    depth = /^\s*/.exec(one)?.[0].length ?? 0;
  }
  return { word, start: cursor - word.length, above, key: KEY.exec(whole)?.[2] ?? "" };
}

/** How far a line's key stands in: after the dashes of a list. */
function indentOf(line: string): number {
  return /^\s*(?:- )*/.exec(line)?.[0].length ?? 0;
}

/** The table that keys at a place belong to. A WasmPlugin or an Envoy configuration stands around the plugin's own object. */
export function tableOf(above: readonly string[]): string {
  let table = "root";
  for (const key of above) {
    if (key === "defaultConfig") table = "root";
    else if (key === "matchRules") table = "rule";
    else if (key !== "config") table = fields[table]?.[key]?.table ?? table;
  }
  return table;
}

export class FieldHelp {
  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly box: HTMLElement,
  ) {
    for (const event of ["input", "keyup", "click", "focus"]) area.addEventListener(event, () => this.draw());
  }

  private draw(): void {
    const place = placeOf(this.area.value, this.area.selectionStart);
    const table = tableOf(place.above);
    const known = fields[table] ?? {};
    const field = known[place.key];
    const names = Object.keys(known).filter((name) => place.word !== "" && name !== place.key && name.startsWith(place.word));
    const isTyping = field === undefined && names.length > 0;
    replaceChildren(
      this.box,
      field !== undefined && h("p", {}, h("code", {}, place.key), ` ${field.text}`),
      field?.values !== undefined && field.values.length <= OFFERED && h("p", {}, `One of: ${field.values.join(", ")}.`),
      isTyping && h("p", {}, "Fields:", ...names.slice(0, OFFERED).map((name) => this.offer(name, place))),
    );
  }

  private offer(name: string, { start, word }: Place): HTMLElement {
    const put = () => {
      this.area.focus();
      this.area.setRangeText(`${name}: `, start, start + word.length, "end");
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    };
    return h("button", { type: "button", onclick: put }, name);
  }
}
