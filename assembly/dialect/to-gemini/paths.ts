// How models stand in paths of Gemini's API.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { appendSegment } from "../../http/url";

/** Appends `/models/<model>`. `models/x` is x; tuned models (`tunedModels/x`) have a collection of their own. */
export function writeModelResource(model: View, out: Buffer): void {
  if (model.startsWith("tunedModels/")) {
    out.ascii("/tunedModels/");
    appendSegment(out, model.slice(12, model.length));
    return;
  }
  out.ascii("/models/");
  appendSegment(out, model.startsWith("models/") ? model.slice(7, model.length) : model);
}
