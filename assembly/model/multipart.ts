// The `model` parts of a multipart/form-data body (RFC 2046, RFC 7578): found by their Content-Disposition and replaced or taken out, or
// one put in front when there is none; every other byte stays. Readers of forms differ in which of two parts counts and in what ends a
// line, so all parts that any of them may take for the model get the same value, and a body that they would divide differently is refused.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ModelMapping } from "./mapping";
import { PartName, partName } from "./part-name";

/** Bytes of a model's name. */
const MAX_MODEL_BYTES: i32 = 1024;
/** Parts that name the model. More are an attack. */
const MAX_PARTS: i32 = 16;

@final
class MultipartModel {
  clientModel: View = View.empty();
  upstreamModel: View = View.empty();
  changed: bool = false;
  /** Why the body cannot be read in one way only; "" for nothing. */
  problem: string = "";
}

/** One reading of a body: where its parts are. */
@final
class Parts {
  /** Where the first delimiter begins. */
  first: i32 = -1;
  /** Of each model part: delimiter, content, end of the content, next delimiter. */
  spans: Array<i32> = [];
  problem: string = "";

  constructor(
    private body: View,
    private boundary: View,
  ) {
    this.read();
  }

  private read(): void {
    let at = this.delimiter(0);
    this.first = at;
    if (at < 0 || this.boundary.length == 0) this.problem = "it has no boundary of its content type";
    while (at >= 0 && this.problem.length == 0) {
      const after = at + this.boundary.length + 2;
      if (this.isClose(after)) {
        if (this.delimiter(after) >= 0) this.problem = "parts follow its last boundary";
        return;
      }
      const next = this.delimiter(after);
      if (next < 0) this.problem = "it ends within a part";
      else this.readPart(at, after, next);
      at = next;
    }
  }

  /** The part between two delimiters. */
  private readPart(at: i32, after: i32, next: i32): void {
    const body = this.body;
    const start = headEnd(body, after);
    // The line break before a delimiter belongs to the delimiter.
    let end = next;
    if (body.at(end - 1) == Ascii.LineFeed) end--;
    if (body.at(end - 1) == Ascii.CarriageReturn) end--;
    if (start < 0 || start > next) {
      this.problem = "a part has no end of its headers";
      return;
    }
    const name = partName(body.slice(after, start));
    if (name == PartName.Other) return;
    if (name == PartName.Unclear || end < start) this.problem = "a part's name or coding cannot be read in one way only";
    else if (end - start > MAX_MODEL_BYTES) this.problem = "its model has more than 1024 bytes";
    else if (this.spans.length >= MAX_PARTS * 4) this.problem = "it names the model too often";
    this.spans.push(at);
    this.spans.push(start);
    this.spans.push(end);
    this.spans.push(next);
  }

  /** Index of the `--boundary` at or after `start` that is a line but for blanks and `--` at its end, or -1. */
  private delimiter(start: i32): i32 {
    const body = this.body;
    let at = body.indexOf(Ascii.Hyphen, start);
    while (at >= 0) {
      const opens = at == 0 || body.at(at - 1) == Ascii.LineFeed;
      if (opens && body.at(at + 1) == Ascii.Hyphen && body.hasAt(at + 2, this.boundary)) {
        const after = at + 2 + this.boundary.length;
        if (lineEnd(body, this.isClose(after) ? after + 2 : after)) return at;
      }
      at = body.indexOf(Ascii.Hyphen, at + 1);
    }
    return -1;
  }

  private isClose(after: i32): bool {
    return this.body.at(after) == Ascii.Hyphen && this.body.at(after + 1) == Ascii.Hyphen;
  }
}

/**
 * Maps the model parts of `body`. Without any, `named` is the model (of the path; may be empty) and gets a part or, with `adds`, the
 * mapping's default; with `drops` they are taken out instead, since the path names the model. With `changed`, `out` holds the new body.
 */
export function replaceMultipartModel(
  body: View,
  boundary: View,
  mapping: ModelMapping,
  drops: bool,
  adds: bool,
  named: View,
  out: Buffer,
): MultipartModel {
  const result = new MultipartModel();
  const parts = new Parts(body, boundary);
  result.problem = parts.problem;
  if (parts.problem.length != 0) return result;
  const spans = parts.spans;
  if (spans.length == 0) {
    result.clientModel = named;
    if (named.length != 0) result.upstreamModel = mapping.map(named);
    else if (adds) result.upstreamModel = mapping.defaultModel;
    if (!drops) addModelPart(body, boundary, parts.first, out, result);
    return result;
  }
  // The last one counts for most readers; all of them get its value.
  const last = spans.length - 4;
  const model = body.slice(spans[last + 1], spans[last + 2]);
  result.clientModel = model;
  const mapped = mapping.map(result.clientModel);
  result.upstreamModel = mapped.length == 0 ? result.clientModel : mapped;
  result.changed = drops || spans.length > 4 || !result.upstreamModel.sameAs(model);
  if (!result.changed) return result;
  let here = 0;
  for (let k = 0; k < spans.length; k += 4) {
    out.range(body, here, drops ? spans[k] : spans[k + 1]);
    if (!drops) out.view(result.upstreamModel);
    here = drops ? spans[k + 3] : spans[k + 2];
  }
  out.range(body, here, body.length);
  return result;
}

/** A part for the model, before all others and after what precedes them. */
function addModelPart(body: View, boundary: View, first: i32, out: Buffer, result: MultipartModel): void {
  if (result.upstreamModel.length == 0) return;
  result.changed = true;
  out.range(body, 0, first);
  out.wrap("--", boundary, '\r\nContent-Disposition: form-data; name="model"\r\n\r\n');
  out.view(result.upstreamModel);
  out.ascii("\r\n");
  out.range(body, first, body.length);
}

/** True when only blanks stand between `start` and the end of its line. */
function lineEnd(body: View, start: i32): bool {
  let here = start;
  while (body.at(here) == Ascii.Space || body.at(here) == Ascii.Tab) here++;
  if (body.at(here) == Ascii.CarriageReturn) here++;
  return body.at(here) == Ascii.LineFeed || here >= body.length;
}

/** Index after the blank line that ends a part's headers, or -1. */
function headEnd(body: View, start: i32): i32 {
  let at = body.indexOf(Ascii.LineFeed, start);
  while (at >= 0) {
    if (body.at(at + 1) == Ascii.LineFeed) return at + 2;
    if (body.at(at + 1) == Ascii.CarriageReturn && body.at(at + 2) == Ascii.LineFeed) return at + 3;
    at = body.indexOf(Ascii.LineFeed, at + 1);
  }
  return -1;
}
