// Cohere's LogprobItem -> the items of OpenAI's logprobs.

import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";

/**
 * Appends the value of a choice's `logprobs` for `node`, one item or a list of them; false when there is none. An item is a
 * piece of text that may be of several tokens, without their borders: the first takes the whole text, the rest are empty, so
 * that texts still join and probabilities still add up.
 */
export function writeLogprobs(doc: JsonDocument, node: i32, out: Buffer): bool {
  const isList = doc.isArray(node);
  if (!isList && !doc.isObject(node)) return false;
  out.ascii('{"content":[');
  let first = true;
  for (let item = isList ? doc.first(node) : node; item != NONE; item = isList ? doc.next(item) : NONE) {
    const text = doc.get(item, "text");
    let isStart = true;
    for (let value = doc.first(doc.get(item, "logprobs")); value != NONE; value = doc.next(value)) {
      out.ascii(first ? '{"token":' : ',{"token":');
      first = false;
      if (isStart && doc.isString(text)) out.view(doc.raw(text));
      else out.ascii('""');
      isStart = false;
      out.wrap(',"logprob":', doc.raw(value), ',"bytes":null,"top_logprobs":[]}');
    }
  }
  out.ascii('],"refusal":null}');
  return !first;
}
