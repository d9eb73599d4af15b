// Counts of tokens before a request is sent, where the provider has no service that counts them: the gateway estimates, and says so.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderList } from "../http/header-list";
import { JsonDocument, NONE } from "../json/document";
import { estimatePrompt } from "../usage/estimate";
import { Exchange } from "./exchange";
import { respondLocally } from "./refuse";

/** Marks a count that nobody but the gateway has made. */
const SOURCE: View = View.utf8("x-ai-proxy-usage-source");
const ESTIMATE: View = View.utf8("estimate");
/** Members that no model reads. */
const UNREAD: StaticArray<string> = ["role", "mimeType", "mime_type", "thoughtSignature", "thought_signature", "model", "generationConfig"];
/** What Gemini counts for a picture (https://ai.google.dev/gemini-api/docs/tokens, Nov 2026). */
const MEDIA_TOKENS: i64 = 258;

/** Answers `countTokens` of Gemini's API with an estimate of all texts of the request. */
export function answerCount(exchange: Exchange, body: View): void {
  if (isDefined(CORE_BUILD)) return;
  const doc = new JsonDocument();
  const tokens = doc.parse(body) ? tokensOf(doc, 0) : 0;
  doc.empty();
  const out = new Buffer(32);
  out.ascii('{"totalTokens":');
  out.integer(max<i64>(tokens, 1));
  out.byte(Ascii.RightBrace);
  respondLocally(exchange, out, new HeaderList().add(SOURCE, ESTIMATE), "count_estimated");
}

/** As deep as the document, which the reader bounds. */
function tokensOf(doc: JsonDocument, node: i32): i64 {
  if (doc.isString(node)) return estimatePrompt(doc.view, doc.start(node) + 1, doc.end(node) - 1);
  if (doc.first(node) == NONE) return 0;
  let tokens: i64 = 0;
  for (let child = doc.first(node); child != NONE; child = doc.next(child)) {
    if (doc.keyIs(child, "data")) tokens += MEDIA_TOKENS;
    else if (doc.keyAmong(child, UNREAD, 0, UNREAD.length) < 0) tokens += tokensOf(doc, child);
  }
  return tokens;
}
