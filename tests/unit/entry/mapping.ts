// Test entry: one model mapping, built and asked.
import "../../../assembly/host/abort";
import { View } from "../../../assembly/bytes/view";
import { ModelMapping, keyMistake } from "../../../assembly/model/mapping";

let mapping: ModelMapping = ModelMapping.empty();

function owned(view: View): ArrayBuffer {
  const copy = view.copy().owner;
  return copy === null ? new ArrayBuffer(0) : copy;
}

export function reset(): void {
  mapping = ModelMapping.empty();
}

/** What is wrong with the entry, or nothing. */
export function add(key: ArrayBuffer, value: ArrayBuffer): ArrayBuffer {
  mapping.add(View.of(key), View.of(value));
  return String.UTF8.encode(keyMistake(View.of(key)));
}

export function finish(): void {}

export function map(model: ArrayBuffer): ArrayBuffer {
  return owned(mapping.map(View.of(model)));
}

/** True when the response is the very view that was asked with: no copy was made. */
export function keeps(model: ArrayBuffer): bool {
  const view = View.of(model);
  return mapping.map(view) === view;
}

/** True when two questions get one and the same stored view. */
export function isStored(model: ArrayBuffer): bool {
  const view = View.of(model);
  return mapping.map(view) === mapping.map(view);
}

export function defaultModel(): ArrayBuffer {
  return owned(mapping.defaultModel);
}

export function isEmpty(): bool {
  return mapping.isEmpty;
}

export function hasExact(model: ArrayBuffer): bool {
  return mapping.hasExact(View.of(model));
}

export function indexOf(model: ArrayBuffer): i32 {
  return mapping.indexOf(View.of(model));
}
