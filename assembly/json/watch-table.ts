// The paths that a JsonWatcher looks for, as a tree of member names. Built once and shared by all watchers.

import { Ascii } from "../bytes/ascii";
import { View, sizeOf } from "../bytes/view";

/** One place in documents: a member of an object or the items of an array. */
@final
export class WatchNode {
  /** What is reported for a value here; -1 when only something below is watched. */
  field: i32 = -1;
  /** Strings here are measured, not kept. */
  measured: bool = false;
  /** The node of every item when an array stands here. */
  item: WatchNode | null = null;
  firstMember: WatchNode | null = null;
  private next: WatchNode | null = null;
  /** Bit n is set when a member name of n bytes is watched: most keys are refused without a comparison. */
  private lengths: u64 = 0;

  constructor(private name: string) {}

  /** The watched member called `key`, or null. */
  find(key: View): WatchNode | null {
    if (key.length > 63 || ((this.lengths >> (<u64>key.length)) & 1) == 0) return null;
    let node = this.firstMember;
    while (node !== null) {
      if (sizeOf(node.name) == key.length && key.startsWithAt(0, node.name)) return node;
      node = node.next;
    }
    return null;
  }

  /** The member called `name`, made when it is new. */
  member(name: string): WatchNode {
    let last: WatchNode | null = null;
    let node = this.firstMember;
    while (node !== null) {
      if (node.name == name) return node;
      last = node;
      node = node.next;
    }
    const made = new WatchNode(name);
    if (name.length <= 63) this.lengths |= (<u64>1) << (<u64>name.length);
    if (last === null) this.firstMember = made;
    else last.next = made;
    return made;
  }

  /** The node of the items, made when it is new. */
  items(): WatchNode {
    const known = this.item;
    if (known !== null) return known;
    const made = new WatchNode("");
    this.item = made;
    return made;
  }
}

@final
export class WatchTable {
  readonly root: WatchNode = new WatchNode("");

  /**
   * Watches `path`: member names (ASCII, up to 63 letters) joined by dots, `[]` after a name for the items of an array
   * there, as in `choices[].delta.content`. `field` is handed to the sink; `measured` strings are not kept.
   */
  add(path: string, field: i32, measured: bool = false): void {
    let node = this.root;
    let start = 0;
    for (let here = 0; here <= path.length; here++) {
      const letter = here < path.length ? path.charCodeAt(here) : Ascii.Dot;
      if (letter == Ascii.Dot) {
        if (here > start) node = node.member(path.substring(start, here));
        start = here + 1;
      } else if (letter == Ascii.LeftBracket) {
        if (here > start) node = node.member(path.substring(start, here));
        node = node.items();
        here++;
        start = here + 1;
      }
    }
    node.field = field;
    node.measured = measured;
  }

  /** Treats a document that is an array as a list of documents (Gemini streams without `alt=sse`). */
  acceptLists(): void {
    this.root.item = this.root;
  }
}
