// Who sends a request: finds the API key in its headers or query and the consumer whose it is, and notes what has to be
// taken out of the request so that the key goes no further.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderWalker } from "../http/header-block";
import { decoded } from "../http/path";
import { queryStart, withoutParameter } from "../http/url";
import { Consumer, NOBODY } from "./consumer";
import { Digest, KeyRing } from "./key-ring";

/** Bytes of a longer value are no key; bounds the hashing of what anybody may send. */
const MAX_KEY_BYTES: i32 = 4096;
/** Values that are tried in one request. */
const MAX_TRIES: i32 = 16;
/** The header that tells the consumer's name to later filters; Higress's authentication plugins set it too. */
const IDENTITY: string = "x-mse-consumer";

@final
export class Identity {
  /** NOBODY when no key was right. */
  consumer: Consumer = NOBODY;
  /** Tells keys apart without showing them; 0 without a right key. */
  keyHash: u64 = 0;
  /** Something stood where a key may stand. */
  hasCredential: bool = false;
  /** A consumer's key is in the request, be it at a place that is not its own. */
  hasKey: bool = false;
  /** Headers that may hold a key and are there. */
  headers: Array<View> = [];
  /** The client sent the identity header itself. */
  claimsName: bool = false;
  private tries: i32 = 0;

  constructor(private ring: KeyRing) {}

  /** Reads the headers of `block` and the query of the request target `path`; owns nothing of them. */
  static read(ring: KeyRing, block: View, path: View): Identity {
    const identity = new Identity(ring);
    const walker = new HeaderWalker(block);
    while (walker.next()) identity.readHeader(walker, block);
    const query = path.slice(queryStart(path) + 1, path.length);
    let here = 0;
    while (here < query.length) {
      let end = query.indexOf(Ascii.Ampersand, here);
      if (end < 0) end = query.length;
      identity.readParameter(query, here, end);
      here = end + 1;
    }
    return identity;
  }

  private readHeader(walker: HeaderWalker, block: View): void {
    if (walker.nameIs(IDENTITY)) this.claimsName = true;
    const sources = this.ring.sources;
    for (let k = 0; k < sources.length; k++) {
      const source = unchecked(sources[k]);
      if (source.isQuery || !walker.nameIs(source.name)) continue;
      this.headers.push(block.slice(walker.nameStart, walker.nameEnd));
      const value = walker.value();
      this.tryKey(value.startsWithIgnoreCase("bearer ") ? value.slice(7, value.length).trim() : value.trim(), k);
      return;
    }
  }

  private readParameter(query: View, start: i32, end: i32): void {
    const sources = this.ring.sources;
    for (let k = 0; k < sources.length; k++) {
      const source = unchecked(sources[k]);
      const value = start + source.name.length;
      if (!source.isQuery || query.at(value) != Ascii.Equals || !query.startsWithAt(start, source.name)) continue;
      // A plus is not decoded: keys may hold one.
      this.tryKey(decoded(query.slice(value + 1, end)), k);
      return;
    }
  }

  private tryKey(value: View, place: i32): void {
    if (value.length == 0) return;
    this.hasCredential = true;
    if (value.length > MAX_KEY_BYTES || ++this.tries > MAX_TRIES) return;
    const digest = Digest.of(value);
    const key = this.ring.find(digest);
    if (key < 0) return;
    this.hasKey = true;
    if (this.consumer !== NOBODY || !this.ring.mayStand(key, place)) return;
    this.consumer = this.ring.owner(key);
    this.keyHash = digest.word(0);
  }

  /** True for a value that is some consumer's key. */
  isKey(value: View): bool {
    return value.length != 0 && this.ring.find(Digest.of(value)) >= 0;
  }

  /** The request target without the parameters that may hold a key; the same view when there are none. */
  cleanPath(path: View): View {
    const question = queryStart(path);
    const query = path.slice(question + 1, path.length);
    let clean = query;
    const sources = this.ring.sources;
    for (let k = 0; k < sources.length; k++) if (sources[k].isQuery) clean = withoutParameter(clean, sources[k].name);
    if (clean.length == query.length) return path;
    const out = new Buffer(path.length);
    out.range(path, 0, clean.length != 0 ? question + 1 : question);
    out.view(clean);
    return out.toView();
  }
}
