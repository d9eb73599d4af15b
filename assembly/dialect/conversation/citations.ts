// Citations on their way to clients: of pages, which every API knows, and of documents, which only Anthropic's and Converse's do.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { innerMember } from "./inner";

/**
 * `"<name>":…,"title":…` for a citation of a page: Anthropic's (`url`, or a search result's `source` that is an address), Google's
 * (`uri`) or chat's `url_citation`. Empty for one of anything else.
 */
export function linkOf(doc: JsonDocument, citation: i32, name: string): View {
  let url = innerMember(doc, citation, "url");
  if (url.length == 0) url = innerMember(doc, citation, "uri");
  if (url.length == 0) url = innerMember(doc, citation, "source");
  if (!url.startsWith("http")) return View.empty();
  const out = new Buffer(url.length + 64);
  out.byte(Ascii.Quote);
  out.ascii(name);
  out.wrap('":"', url, '","title":"');
  out.view(innerMember(doc, citation, "title"));
  out.byte(Ascii.Quote);
  return out.toView();
}
