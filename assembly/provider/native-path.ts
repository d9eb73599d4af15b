// Methods of models in Google's APIs: Gemini's (`/v1beta/models/…`) and Vertex AI's (`/v1/projects/…/publishers/google/models/…`).

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { TranslateOptions } from "../dialect/options";
import { writeModelResource } from "../dialect/to-gemini/paths";
import { writeVertexPath } from "../dialect/to-vertex/paths";
import { decoded } from "../http/path";
import { ApiMatch } from "../model/match";

/**
 * Writes the client's version and method with the mapped model, for Gemini or for Vertex. A path of Gemini's API becomes Vertex's,
 * which has the publisher before the model and, without an API key, project and location; Vertex's own paths stay.
 */
export function writeNativePath(out: Buffer, options: TranslateOptions, isGemini: bool, path: View, match: ApiMatch, model: View): void {
  const start = match.suffixStart;
  const method = path.slice(match.idEnd, path.length);
  if (!isGemini && !namesPublisher(path, start)) {
    writeVertexPath(options, decoded(model.length != 0 ? model : path.slice(match.idStart, match.idEnd)), "", out);
  } else {
    // A prefix before the version is the gateway's.
    let version = isGemini ? start - 1 : 0;
    while (version > 0 && path.at(version) != Ascii.Slash) version--;
    if (start == 0) out.ascii("/v1beta");
    out.range(path, version < 0 ? 0 : version, start);
    const sent = path.slice(match.idStart, match.idEnd);
    if (model.length != 0 && !model.sameAs(decoded(sent))) writeModelResource(model, out);
    else out.range(path, start, match.idEnd);
  }
  out.view(method);
}

/** True when `/publishers/` stands before `end`: the path is Vertex AI's own. */
function namesPublisher(path: View, end: i32): bool {
  for (let at = 0; at < end; at++) if (path.at(at) == Ascii.Slash && path.startsWithAt(at, "/publishers/")) return true;
  return false;
}
