// What Google's search has found, and what a response recites, as annotations of the conversation form.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { linkOf } from "../conversation/citations";

/**
 * The annotations of a candidate, a JSON list; empty without any
 * (https://ai.google.dev/api/generate-content#GroundingMetadata, Nov 2026).
 */
export function annotationsOf(doc: JsonDocument, candidate: i32): View {
  const out = new Buffer(256);
  const grounding = doc.get(candidate, "groundingMetadata");
  const chunks: Array<i32> = [];
  for (let chunk = doc.first(doc.get(grounding, "groundingChunks")); chunk != NONE; chunk = doc.next(chunk)) {
    const web = doc.get(chunk, "web");
    chunks.push(web != NONE ? web : doc.get(chunk, "retrievedContext"));
  }
  for (let support = doc.first(doc.get(grounding, "groundingSupports")); support != NONE; support = doc.next(support)) {
    const indices = doc.get(support, "groundingChunkIndices");
    for (let index = doc.first(indices); index != NONE; index = doc.next(index)) {
      const at = doc.integer(index, -1);
      if (at >= 0 && at < chunks.length) annotate(doc, chunks[<i32>at], doc.get(support, "segment"), out);
    }
  }
  const recited = doc.get(candidate, "citationMetadata");
  const sources = doc.get(recited, "citationSources");
  // Vertex calls them citations.
  const list = sources != NONE ? sources : doc.get(recited, "citations");
  for (let source = doc.first(list); source != NONE; source = doc.next(source)) annotate(doc, source, source, out);
  if (out.length != 0) out.byte(Ascii.RightBracket);
  return out.toView();
}

/** `place` has the bytes of the text. */
function annotate(doc: JsonDocument, page: i32, place: i32, out: Buffer): void {
  const link = linkOf(doc, page, "url");
  if (link.length == 0) return;
  out.ascii(out.length == 0 ? '[{"type":"url_citation","url_citation":{' : ',{"type":"url_citation","url_citation":{');
  out.view(link);
  out.ascii('},"bytes":[');
  out.integer(doc.integer(doc.get(place, "startIndex"), 0));
  out.byte(Ascii.Comma);
  out.integer(doc.integer(doc.get(place, "endIndex"), 0));
  out.ascii("]}");
}
