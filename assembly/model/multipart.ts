// The `model` part of a multipart/form-data body (RFC 7578): found by its Content-Disposition and replaced, or put in front when
// it is missing; every other byte stays.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ModelMapping } from "./mapping";

/** Bytes of a model's name; a longer one names no model and stays as it is. */
const MAX_MODEL: i32 = 1024;

@final
export class MultipartModel {
  clientModel: View = View.empty();
  upstreamModel: View = View.empty();
  changed: bool = false;
  /** The body has no boundary, or ends within a part. */
  isBroken: bool = false;
}

/** Maps the model part of `body`, or adds one with the mapping's default; with `changed`, `out` holds the new body. */
export function replaceMultipartModel(body: View, boundary: View, mapping: ModelMapping, out: Buffer): MultipartModel {
  const result = new MultipartModel();
  let part = nextBoundary(body, boundary, 0);
  while (part >= 0) {
    const headStart = part + boundary.length + 2;
    if (body.at(headStart) == 0x2d && body.at(headStart + 1) == 0x2d) {
      addModelPart(body, boundary, mapping.defaultModel, out, result);
      return result;
    }
    const contentStart = headEnd(body, headStart);
    const next = contentStart < 0 ? -1 : nextBoundary(body, boundary, contentStart);
    if (next < 0) break;
    // The line break before a boundary belongs to the boundary.
    let contentEnd = next;
    if (body.at(contentEnd - 1) == 0x0a) contentEnd--;
    if (body.at(contentEnd - 1) == 0x0d) contentEnd--;
    if (isModelPart(body.slice(headStart, contentStart)) && contentEnd >= contentStart) {
      result.clientModel = body.slice(contentStart, contentEnd);
      if (result.clientModel.length > MAX_MODEL) result.clientModel = View.empty();
      const mapped = mapping.map(result.clientModel);
      result.upstreamModel = mapped.length == 0 ? result.clientModel : mapped;
      result.changed = !result.upstreamModel.sameAs(result.clientModel);
      if (result.changed) {
        out.range(body, 0, contentStart);
        out.view(result.upstreamModel);
        out.range(body, contentEnd, body.length);
      }
      return result;
    }
    part = next;
  }
  result.isBroken = true;
  return result;
}

/** The body begins with a part for the model. */
function addModelPart(body: View, boundary: View, model: View, out: Buffer, result: MultipartModel): void {
  if (model.length == 0) return;
  result.upstreamModel = model;
  result.changed = true;
  out.ascii("--");
  out.view(boundary);
  out.ascii('\r\nContent-Disposition: form-data; name="model"\r\n\r\n');
  out.view(model);
  out.ascii("\r\n");
  out.view(body);
}

/** Index of the `--boundary` at or after `start` that stands at the start of a line, or -1. */
function nextBoundary(body: View, boundary: View, start: i32): i32 {
  let at = body.indexOf(0x2d, start);
  while (at >= 0) {
    const opens = at == 0 || body.at(at - 1) == 0x0a;
    if (opens && body.at(at + 1) == 0x2d && body.hasAt(at + 2, boundary)) return at;
    at = body.indexOf(0x2d, at + 1);
  }
  return -1;
}

/** Index after the blank line that ends a part's headers, or -1. */
function headEnd(body: View, start: i32): i32 {
  let at = body.indexOf(0x0a, start);
  while (at >= 0) {
    if (body.at(at + 1) == 0x0a) return at + 2;
    if (body.at(at + 1) == 0x0d && body.at(at + 2) == 0x0a) return at + 3;
    at = body.indexOf(0x0a, at + 1);
  }
  return -1;
}

/** True when a part's headers say `name="model"` (quotes optional). */
function isModelPart(head: View): bool {
  for (let k = 0; k + 10 <= head.length; k++) {
    if (!head.slice(k, head.length).startsWithIgnoreCase("name=")) continue;
    // Not the end of `filename=`.
    const before = head.at(k - 1);
    if (before != 0x20 && before != 0x3b && before != 0x09) continue;
    const rest = head.slice(k + 5, head.length);
    return rest.startsWith('"model"') || rest.startsWith("model;") || rest.startsWith("model\r") || rest.startsWith("model\n");
  }
  return false;
}
