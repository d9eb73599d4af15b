// Test entry: model mapping and its regular expressions.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { ModelMapping } from "../../../assembly/model/mapping";
import { Regex } from "../../../assembly/model/regex/regex";

function owned(view: View): ArrayBuffer {
  const copy = view.copy().owner;
  return copy === null ? new ArrayBuffer(0) : copy;
}

let mapping: ModelMapping = ModelMapping.empty();

export function reset(): void {
  mapping = ModelMapping.empty();
}

/** What is wrong with the entry, empty when it is fine. */
export function add(key: ArrayBuffer, value: ArrayBuffer): ArrayBuffer {
  return String.UTF8.encode(mapping.add(View.of(key), View.of(value)));
}

export function finish(): void {
  mapping.finish();
}

export function map(model: ArrayBuffer): ArrayBuffer {
  return owned(mapping.map(View.of(model)));
}

/** "E" and the error, "-" for no match, "+" and the result. */
export function replaceAll(pattern: ArrayBuffer, input: ArrayBuffer, template: ArrayBuffer): ArrayBuffer {
  const regex = Regex.compile(View.of(pattern));
  if (regex.error.length > 0) return String.UTF8.encode("E" + regex.error);
  const out = new Buffer(16, 1 << 16);
  out.byte(0x2b);
  const found = regex.replaceAll(View.of(input), View.of(template), out);
  return found ? owned(out.toView()) : String.UTF8.encode("-");
}
