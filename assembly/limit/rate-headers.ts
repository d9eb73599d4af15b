// The headers that tell a client of its limits, under OpenAI's names (API reference, "Rate limits", Nov 2026):
// x-ratelimit-{limit,remaining,reset}-{requests,tokens}; reset is a duration such as 1s or 6m0s. Those of cost are ours.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { NANO, writeDecimal } from "../json/decimal";
import { Gauge, Ledger } from "./ledger";
import { Counted } from "./limit";

/** By Counted. */
const KINDS: StaticArray<string> = ["requests", "tokens", "cost"];

/** One header: its name, of which `nameEnd` is the end, then its value. And windows on both. */
const text: Buffer = new Buffer(64);
let nameEnd: i32 = 0;
const name: View = new View(0, 0);
const value: View = new View(0, 0);

/**
 * Tells of every kind of limit that applied: into the headers of the response or, of one that was refused, into `list`, which gets
 * Retry-After, in seconds, too.
 */
export function writeRateHeaders(ledger: Ledger, list: HeaderList | null): void {
  if (list !== null) {
    const out = new Buffer(16);
    out.integer(ledger.retryAfter);
    list.add(names.RETRY_AFTER, out.toView());
  }
  for (let k = 0; k < KINDS.length; k++) writeGauge(ledger.gauges[k], KINDS[k], k == Counted.Cost ? NANO : 0, list);
}

function writeGauge(gauge: Gauge, kind: string, places: i32, list: HeaderList | null): void {
  if (gauge.most < 0) return;
  begin("limit-", kind);
  writeDecimal(text, gauge.most, places);
  end(list);
  begin("remaining-", kind);
  writeDecimal(text, gauge.remaining, places);
  end(list);
  begin("reset-", kind);
  const seconds = gauge.reset;
  if (seconds >= 3600) {
    text.integer(seconds / 3600);
    text.byte(Ascii.LowerH);
  }
  if (seconds >= 60) {
    text.integer((seconds / 60) % 60);
    text.byte(Ascii.LowerM);
  }
  text.integer(seconds % 60);
  text.byte(Ascii.LowerS);
  end(list);
}

function begin(what: string, kind: string): void {
  text.clear();
  text.ascii("x-ratelimit-");
  text.ascii(what);
  text.ascii(kind);
  nameEnd = text.length;
}

function end(list: HeaderList | null): void {
  const all = text.window();
  all.aim(name, 0, nameEnd);
  all.aim(value, nameEnd, all.length);
  if (list === null) host.replaceHeader(HeaderMapType.ResponseHeaders, name, value);
  else list.add(name.copy(), value.copy());
}
