// Test entry: lists of patterns, and which of them take a model.
import "../../../assembly/host/abort";
import { View } from "../../../assembly/bytes/view";
import { ModelPatterns } from "../../../assembly/model/patterns";

let patterns: ModelPatterns = new ModelPatterns();

export function reset(): void {
  patterns = new ModelPatterns();
}

export function add(pattern: ArrayBuffer, owner: i32): void {
  patterns.add(View.of(pattern), owner);
}

export function finish(): void {
  patterns.finish();
}

export function find(model: ArrayBuffer): bool {
  patterns.find(View.of(model));
  return patterns.isUndecided;
}

export function has(owner: i32): bool {
  return patterns.found.includes(owner);
}

export function count(): i32 {
  return patterns.found.length;
}

export function at(index: i32): i32 {
  return patterns.found[index];
}
