// What became of a JSON body: values that stayed under another name, that changed, were left out or were added.
import type { Json } from "./located";

export interface Change {
  /** `mapped`: said in another way at `pointer`. `refused`: the reason why the plugin responded itself (trials.ts finds both). */
  kind: "moved" | "mapped" | "changed" | "clamped" | "dropped" | "added" | "refused";
  /** JSON pointer in the body that left, or for `dropped` and `refused` in the client's. */
  pointer: string;
  /** Pointer in the client's body when it was another one. */
  from?: string;
  before?: Json;
  after?: Json;
}

interface Leaf {
  pointer: string;
  value: Json;
  isUsed: boolean;
}

/** In the order of the client's body, then what was added in the order of the other. */
export function diffJson(before: Json, after: Json): Change[] {
  const removed: Leaf[] = [];
  const added: Leaf[] = [];
  const changes: Change[] = [];
  compare(before, after, "", { removed, added, changes });
  changes.push(...moves(removed, added));
  for (const { pointer, value, isUsed } of removed) if (!isUsed) changes.push({ kind: "dropped", pointer, before: value });
  for (const { pointer, value, isUsed } of added) if (!isUsed) changes.push({ kind: "added", pointer, after: value });
  return changes;
}

interface Found {
  removed: Leaf[];
  added: Leaf[];
  changes: Change[];
}

function compare(before: Json, after: Json, pointer: string, found: Found): void {
  const left = membersOf(before);
  const right = membersOf(after);
  if (left === null || right === null || Array.isArray(before) !== Array.isArray(after)) {
    if (left === null && right === null) {
      if (before !== after) found.changes.push(changed(pointer, before, after));
      return;
    }
    leaves(before, pointer, found.removed);
    leaves(after, pointer, found.added);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) dropEqualItems(left, right);
  for (const [key, value] of left) {
    const other = right.get(key);
    if (other === undefined) leaves(value, step(pointer, key), found.removed);
    else compare(value, other, step(pointer, key), found);
  }
  for (const [key, value] of right) if (!left.has(key)) leaves(value, step(pointer, key), found.added);
}

/** Items that are the same on both sides in the same order are no change, although their indexes may be. */
function dropEqualItems(left: Map<string, Json>, right: Map<string, Json>): void {
  if (left.size === right.size) return;
  let rest = [...right];
  for (const [key, value] of left) {
    const text = JSON.stringify(value);
    const at = rest.findIndex(([, other]) => JSON.stringify(other) === text);
    if (at < 0) continue;
    left.delete(key);
    right.delete(rest[at][0]);
    rest = rest.slice(at + 1);
  }
}

/** A number that became another one was too large or too small for the provider. */
function changed(pointer: string, before: Json, after: Json, from?: string): Change {
  const kind = typeof before === "number" && typeof after === "number" ? "clamped" : "changed";
  return { kind, pointer, ...(from === undefined ? {} : { from }), before, after };
}

function membersOf(value: Json): Map<string, Json> | null {
  if (value === null || typeof value !== "object") return null;
  return new Map(Object.entries(value));
}

/** The pointer to a member of what `pointer` names. */
export function step(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function leaves(value: Json, pointer: string, out: Leaf[]): void {
  const members = membersOf(value);
  if (members === null || members.size === 0) out.push({ pointer, value, isUsed: false });
  else for (const [key, member] of members) leaves(member, step(pointer, key), out);
}

/** The same value, or a number under the same name, at another place. */
function moves(removed: Leaf[], added: Leaf[]): Change[] {
  const found: Change[] = [];
  for (const same of [sameValueAndName, sameNumberName, sameValue])
    for (const leaf of removed) {
      const target = leaf.isUsed ? undefined : added.find((other) => !other.isUsed && same(leaf, other));
      if (target === undefined) continue;
      leaf.isUsed = target.isUsed = true;
      const isSame = leaf.value === target.value;
      if (!isSame) found.push(changed(target.pointer, leaf.value, target.value, leaf.pointer));
      else if (leaf.pointer !== target.pointer)
        found.push({ kind: "moved", pointer: target.pointer, from: leaf.pointer, before: leaf.value, after: leaf.value });
    }
  const order = new Map(removed.map((leaf, index) => [leaf.pointer, index]));
  return found.sort((one, other) => (order.get(one.from ?? one.pointer) ?? 0) - (order.get(other.from ?? other.pointer) ?? 0));
}

/** Letters and digits of the last key: max_tokens and maxTokens are one name. */
function nameOf(leaf: Leaf): string {
  const last = leaf.pointer.split("/").findLast((part) => !/^\d+$/.test(part)) ?? "";
  return last.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function sameValueAndName(one: Leaf, other: Leaf): boolean {
  return isScalar(one.value) && one.value === other.value && nameOf(one) === nameOf(other);
}

/** Of words such as true or a role there are too many to say which became which. */
function sameValue(one: Leaf, other: Leaf): boolean {
  const tells = typeof one.value === "number" || (typeof one.value === "string" && one.value.length > 0);
  return tells && one.value === other.value;
}

function sameNumberName(one: Leaf, other: Leaf): boolean {
  return typeof one.value === "number" && typeof other.value === "number" && nameOf(one) === nameOf(other);
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== "object";
}
