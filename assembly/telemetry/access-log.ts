// Where the log's line goes: filter state `wasm.ai_log` (`%FILTER_STATE(wasm.ai_log:PLAIN)%`). Its fields are those of record.ts.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import * as host from "../host/host";
import * as names from "../http/names";
import { writeInner } from "../json/text";
import { LogLine } from "./log-line";
import { Record } from "./record";

/** Written for one host call and then again for the next exchange. */
const line: LogLine = new LogLine();

/** The request has a line already, by another instance of the plugin. */
export function hasLog(): bool {
  const found = host.property(names.AI_LOG);
  return found !== null && found.length != 0;
}

/** Adds the side of a split to the line that another instance has written. */
export function addToLog(side: View, escaped: bool): void {
  const found = host.property(names.AI_LOG);
  if (found === null || found.length == 0) return;
  const out = new Buffer(found.length + 64);
  out.range(found, 0, found.length - 1);
  line.begin();
  line.text("split", side);
  line.end();
  const added = line.out.toView();
  out.byte(Ascii.Comma);
  if (escaped) writeInner(out, added.slice(1, added.length));
  else out.range(added, 1, added.length);
  host.setProperty(names.AI_LOG, out.toView());
}

/** Writes the record into filter state; with `escaped`, as the inside of a JSON string for Higress's log format. */
export function writeLog(record: Record, escaped: bool): void {
  line.begin();
  record.writeTo(line);
  line.end();
  if (escaped) {
    const twice = new Buffer(line.out.length * 2);
    writeInner(twice, line.out.toView());
    host.setProperty(names.AI_LOG, twice.toView());
  } else host.setProperty(names.AI_LOG, line.out.window());
}
