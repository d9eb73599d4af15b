// Pages that an open text cites. They are told when it has ended, as only then its length is known.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { decodeInto } from "../../json/text";

/** Pages of one text; what comes beyond is not told. */
const MAX_LINKS: i32 = 1024;

@final
export class Links {
  private links: Array<View> = [];
  /** Where the bytes that each is for begin and end. */
  private spans: Array<i32> = [];

  /** `link`: the last members of the annotation. */
  add(link: View, start: i32, end: i32): void {
    if (this.links.length >= MAX_LINKS) return;
    this.links.push(link);
    this.spans.push(start);
    this.spans.push(end);
  }

  /** The annotations for the text that has ended (escaped inner bytes). None are left. */
  take(inner: View): Array<View> {
    const links = this.links;
    if (links.length == 0) return links;
    const decoded = new Buffer(inner.length);
    decodeInto(decoded, inner, 0, inner.length);
    const text = decoded.toView();
    const list: Array<View> = [];
    for (let k = 0; k < links.length; k++) {
      const json = new Buffer(links[k].length + 80);
      json.ascii('{"type":"url_citation","start_index":');
      json.integer(pointsBefore(text, this.spans[2 * k]));
      json.ascii(',"end_index":');
      json.integer(pointsBefore(text, this.spans[2 * k + 1]));
      json.byte(Ascii.Comma);
      json.view(links[k]);
      json.byte(Ascii.RightBrace);
      list.push(json.toView());
    }
    this.links = [];
    this.spans = [];
    return list;
  }
}

/** How many characters begin among the first `end` bytes of UTF-8: the API counts those. */
function pointsBefore(text: View, end: i32): i32 {
  let count = 0;
  for (let k = 0; k < text.length && k < end; k++) if ((text.at(k) & 0xc0) != 0x80) count++;
  return count;
}
