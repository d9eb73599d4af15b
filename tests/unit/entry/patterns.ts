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

export function find(model: ArrayBuffer): bool {
  patterns.find(View.of(model));
  return patterns.isUndecided;
}

export function has(owner: i32): bool {
  return patterns.has(owner);
}

/** How many lists were found; their sizes and members. */
export function lists(): i32 {
  return patterns.found.length;
}

export function size(list: i32): i32 {
  return patterns.found[list].length;
}

export function at(list: i32, index: i32): i32 {
  return patterns.found[list][index];
}

export function count(): i32 {
  return patterns.count;
}
