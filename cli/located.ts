// JSON values that know where in a file they were read: what maps the plugin's messages back to lines and columns.
import { compareBytes, encodeUtf8 } from "../emulator/bytes";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Offsets count UTF-16 units of the file's text. */
export type Located = LocatedScalar | LocatedList | LocatedObject;

export interface LocatedScalar {
  kind: "scalar";
  at: number;
  value: null | boolean | number | string;
  /** Where each unit of a string stands in the file; for texts that are configurations themselves. */
  places?: () => (offset: number) => number;
}

export interface LocatedList {
  kind: "list";
  at: number;
  items: Located[];
}

export interface LocatedObject {
  kind: "object";
  at: number;
  members: Map<string, Member>;
}

export interface Member {
  keyAt: number;
  value: Located;
}

/** The member `key` of an object, undefined for anything else. */
export function memberOf(value: Located | undefined, key: string): Member | undefined {
  return value?.kind === "object" ? value.members.get(key) : undefined;
}

/** The text of the string at a path of keys, undefined when there is none. */
export function textAt(value: Located | undefined, ...path: string[]): string | undefined {
  let here = value;
  for (const key of path) here = memberOf(here, key)?.value;
  return here?.kind === "scalar" && typeof here.value === "string" ? here.value : undefined;
}

export function isTrue(value: Located | undefined): boolean {
  return value?.kind === "scalar" && value.value === true;
}

/** Compact JSON with the keys in the order of the file, or in order of their code points as Go's and protobuf's writers have it. */
export function jsonText(value: Located, sorted = false): string {
  switch (value.kind) {
    case "scalar":
      return JSON.stringify(value.value);
    case "list":
      return `[${value.items.map((item) => jsonText(item, sorted)).join(",")}]`;
    case "object": {
      const members = [...value.members];
      if (sorted) members.sort(([one], [other]) => compareBytes(encodeUtf8(one), encodeUtf8(other)));
      return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member.value, sorted)}`).join(",")}}`;
    }
  }
}
