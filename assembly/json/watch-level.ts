// One container that a JsonWatcher is inside of, and where its current member began.

import { WatchNode } from "./watch-table";

/** One watched container that is open. */
@final
export class WatchLevel {
  node: WatchNode | null = null;
  isObject: bool = false;
  /** Offset of the container, and of its current member: of the comma before it, else of its first byte. */
  start: i32 = 0;
  memberStart: i32 = -1;
  memberIsFirst: bool = true;
  /** Field of a first member that has ended, until its comma comes; else -1. */
  firstField: i32 = -1;

  /** A container begins at document offset `start`. Levels are used again. */
  begin(node: WatchNode, isObject: bool, start: i32): void {
    this.node = node;
    this.isObject = isObject;
    this.start = start;
    this.memberStart = -1;
    this.memberIsFirst = true;
    this.firstField = -1;
  }
}

/** Stands for the level above the document; never written to. */
export const NO_LEVEL: WatchLevel = new WatchLevel();
