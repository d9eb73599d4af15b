// What the header phase needs of a request's headers, read in one walk.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { Identity } from "../consumer/identify";
import * as credentials from "../http/credentials";
import { HeaderWalker } from "../http/header-block";

const walker: HeaderWalker = new HeaderWalker(View.empty());
/** Windows on the values of the request that is read now; there is one at a time. */
const windows: StaticArray<View> = new StaticArray<View>(13);
for (let k = 0; k < windows.length; k++) windows[k] = new View(0, 0);
const NO_NAMES: Array<View> = [];
const only: RequestHead = new RequestHead();

function show(window: i32, walker: HeaderWalker): View {
  const view = windows[window];
  walker.show(view);
  return view;
}

/** One request's: read() gives the same object every time, so nothing may keep it or its views. */
@final
export class RequestHead {
  path: View = View.empty();
  method: View = View.empty();
  authority: View = View.empty();
  contentType: View = View.empty();
  consumer: View = View.empty();
  authorization: View = View.empty();
  xApiKey: View = View.empty();
  xAuthorization: View = View.empty();
  /** Bytes that content-length declares, -1 without it. */
  contentLength: i64 = -1;
  hasContentLength: bool = false;
  isUpgrade: bool = false;
  /** It is one to WebSocket, over HTTP/1.1 or, as Envoy shows it, over HTTP/2 (RFC 8441). */
  isWebSocket: bool = false;
  hasAnthropicVersion: bool = false;
  anthropicBeta: View = View.empty();
  conversationId: View = View.empty();
  /** Which conversation of an agent the request belongs to, by the headers that Higress knows; and which of them it was. */
  session: View = View.empty();
  private sessionRank: i32 = 0;
  /** Envoy's number of this attempt at the request, from 1. */
  attempt: View = View.empty();
  isEncoded: bool = false;
  /** The content-encoding, when there is one. */
  encoding: View = View.empty();
  /** Bytes of all names and values: what is more of the request is its body. */
  bytes: i32 = 0;
  /** Bits of http/credentials for the headers that are there. */
  sentHeaders: i32 = 0;
  /** Names of others that must not reach the provider; owned. */
  otherHeaders: Array<View> = NO_NAMES;
  /** `sec-websocket-protocol`. */
  protocols: View = View.empty();

  /** Reads a header block; the views are valid as long as it, and until the next one is read. */
  static read(block: View): RequestHead {
    const head = only;
    head.clear();
    head.bytes = block.length - 4 - 10 * block.word(0);
    walker.reset(block);
    while (walker.next()) head.take(walker, block);
    return head;
  }

  private clear(): void {
    const none = View.empty();
    this.path = none;
    this.method = none;
    this.authority = none;
    this.contentType = none;
    this.consumer = none;
    this.contentLength = -1;
    this.hasContentLength = false;
    this.isUpgrade = false;
    this.isWebSocket = false;
    this.hasAnthropicVersion = false;
    this.anthropicBeta = none;
    this.conversationId = none;
    this.session = none;
    this.sessionRank = 0;
    this.attempt = none;
    this.isEncoded = false;
    this.encoding = none;
    this.sentHeaders = 0;
    this.otherHeaders = NO_NAMES;
    this.protocols = none;
    this.forgetCallerKey();
  }

  private take(walker: HeaderWalker, block: View): void {
    const bit = credentials.removableHeader(block, walker.nameStart, walker.nameEnd);
    if (bit >= 0) {
      this.sentHeaders |= 1 << bit;
      if (bit == credentials.AUTHORIZATION) this.authorization = show(5, walker);
      else if (bit == credentials.X_API_KEY) this.xApiKey = show(6, walker);
      else if (bit == credentials.X_AUTHORIZATION) this.xAuthorization = show(7, walker);
      else if (bit == credentials.CONSUMER) this.consumer = show(4, walker);
      return;
    }
    if (bit == credentials.FAMILY) {
      if (this.otherHeaders === NO_NAMES) this.otherHeaders = [];
      this.otherHeaders.push(block.slice(walker.nameStart, walker.nameEnd).copy());
      return;
    }
    switch (walker.nameLength) {
      case 5:
        if (walker.nameIs(":path")) this.path = show(0, walker);
        return;
      case 7:
        if (walker.nameIs(":method")) this.method = show(1, walker);
        else if (walker.nameIs("upgrade")) {
          this.isUpgrade = true;
          this.isWebSocket = walker.value().equalsIgnoreCase("websocket");
        }
        return;
      case 10:
        if (walker.nameIs(":authority")) this.authority = show(2, walker);
        return;
      case 12:
        if (walker.nameIs("content-type")) this.contentType = show(3, walker);
        return;
      case 14:
        if (walker.nameIs("content-length")) {
          this.hasContentLength = true;
          this.contentLength = walker.integer();
        } else if (walker.nameIs("conversationid")) this.conversationId = show(9, walker);
        else if (walker.nameIs("anthropic-beta")) this.anthropicBeta = show(8, walker);
        return;
      case 15:
        if (walker.nameIs("x-agent-session")) this.takeSession(1, walker);
        return;
      case 22:
        if (walker.nameIs("x-openclaw-session-key")) this.takeSession(4, walker);
        else if (walker.nameIs("x-clawdbot-session-key")) this.takeSession(3, walker);
        else if (walker.nameIs("sec-websocket-protocol")) this.protocols = show(12, walker);
        return;
      case 17:
        if (walker.nameIs("anthropic-version")) this.hasAnthropicVersion = true;
        return;
      case 21:
        if (walker.nameIs("x-envoy-attempt-count")) this.attempt = show(10, walker);
        else if (walker.nameIs("x-moltbot-session-key")) this.takeSession(2, walker);
        return;
      case 16:
        // One of several headers is enough.
        if (walker.nameIs("content-encoding") && !isIdentity(walker.value())) {
          this.isEncoded = true;
          this.encoding = show(12, walker);
        }
        return;
    }
  }

  /** The header of the highest rank counts that is not empty. */
  private takeSession(rank: i32, walker: HeaderWalker): void {
    if (rank <= this.sessionRank || walker.value().length == 0) return;
    this.sessionRank = rank;
    this.session = show(11, walker);
  }

  /** The caller's own key, without its scheme: x-api-key, x-authorization, then Authorization (as Higress). */
  get callerKey(): View {
    if (this.xApiKey.length > 0) return withoutBearer(this.xApiKey);
    if (this.xAuthorization.length > 0) return withoutBearer(this.xAuthorization);
    return withoutBearer(this.authorization);
  }

  /** Forgets the caller's own keys if they are consumers' keys: those are for the gateway and not the provider. */
  forgetKeys(identity: Identity): void {
    if (identity.isKey(withoutBearer(this.xApiKey))) this.xApiKey = View.empty();
    if (identity.isKey(withoutBearer(this.xAuthorization))) this.xAuthorization = View.empty();
    if (identity.isKey(withoutBearer(this.authorization))) this.authorization = View.empty();
  }

  forgetCallerKey(): void {
    this.xApiKey = View.empty();
    this.xAuthorization = View.empty();
    this.authorization = View.empty();
  }

  /** True when the request can carry a body that is worth reading. */
  get canHaveBody(): bool {
    return !this.method.equals("GET") && !this.method.equals("HEAD");
  }
}

function withoutBearer(value: View): View {
  return value.startsWithIgnoreCase("bearer ") ? value.slice(7, value.length).trim() : value.trim();
}

/** True when a content-encoding names nothing but `identity`, which is no coding. */
function isIdentity(encoding: View): bool {
  let here = 0;
  while (here < encoding.length) {
    let end = encoding.indexOf(Ascii.Comma, here);
    if (end < 0) end = encoding.length;
    const coding = encoding.slice(here, end).trim();
    if (coding.length > 0 && !coding.equalsIgnoreCase("identity")) return false;
    here = end + 1;
  }
  return true;
}
