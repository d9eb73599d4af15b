// What the header phase needs of a request's headers, read in one walk.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { Identity } from "../consumer/identify";
import * as credentials from "../http/credentials";
import { HeaderWalker } from "../http/header-block";
import { Record } from "../telemetry/record";

/** Headers that are read, each with a window of its own. Those of sessions stand in the order of their rank, the lowest first. */
const enum Header {
  Path,
  Method,
  Authority,
  ContentType,
  ContentLength,
  ContentEncoding,
  Upgrade,
  Protocols,
  AnthropicVersion,
  AnthropicBeta,
  ConversationId,
  AttemptCount,
  AgentSession,
  MoltbotSession,
  ClawdbotSession,
  OpenclawSession,
  /** From here on http/credentials knows the names. */
  Consumer,
  Authorization,
  XApiKey,
  XAuthorization,
  Count,
}

/** Their names, in that order. */
const NAMES: StaticArray<string> = [
  ":path",
  ":method",
  ":authority",
  "content-type",
  "content-length",
  "content-encoding",
  "upgrade",
  "sec-websocket-protocol",
  "anthropic-version",
  "anthropic-beta",
  "conversationid",
  "x-envoy-attempt-count",
  "x-agent-session",
  "x-moltbot-session-key",
  "x-clawdbot-session-key",
  "x-openclaw-session-key",
];
/** Longer than all of them. */
const LENGTHS: i32 = 32;
/** By length of a name: its first header, and by header the next of that length; -1 for none. */
const firstOfLength: StaticArray<i32> = new StaticArray<i32>(LENGTHS).fill(-1);
const nextOfLength: StaticArray<i32> = new StaticArray<i32>(NAMES.length).fill(-1);
for (let header = NAMES.length - 1; header >= 0; header--) {
  const length = NAMES[header].length;
  nextOfLength[header] = firstOfLength[length];
  firstOfLength[length] = header;
}

const walker: HeaderWalker = new HeaderWalker(View.empty());
/** Windows on the values of the request that is read now; there is one at a time. */
const windows: StaticArray<View> = new StaticArray<View>(Header.Count);
for (let k = 0; k < windows.length; k++) windows[k] = new View(0, 0);
const NO_NAMES: Array<View> = [];
const only: RequestHead = new RequestHead();

/** The header that the walker stands on, -1 for one that is not read. */
function headerOf(walker: HeaderWalker): i32 {
  const length = walker.nameLength;
  if (length >= LENGTHS) return -1;
  let header = firstOfLength[length];
  while (header >= 0 && !walker.nameIs(NAMES[header])) header = nextOfLength[header];
  return header;
}

/** The header's value, valid until the next request is read. */
function valueOf(header: Header, walker: HeaderWalker): View {
  const view = windows[header];
  walker.aimAtValue(view);
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
  /** The content-encoding, empty when there is none but `identity`. */
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
    while (walker.next()) if (!head.readCredential(walker, block)) head.readHeader(walker);
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
    this.encoding = none;
    this.sentHeaders = 0;
    this.otherHeaders = NO_NAMES;
    this.protocols = none;
    this.forgetCallerKey();
  }

  /** True for a header that may tell who the client is. */
  private readCredential(walker: HeaderWalker, block: View): bool {
    const bit = credentials.removableHeader(block, walker.nameStart, walker.nameEnd);
    if (bit >= 0) {
      this.sentHeaders |= 1 << bit;
      if (bit == credentials.AUTHORIZATION) this.authorization = valueOf(Header.Authorization, walker);
      else if (bit == credentials.X_API_KEY) this.xApiKey = valueOf(Header.XApiKey, walker);
      else if (bit == credentials.X_AUTHORIZATION) this.xAuthorization = valueOf(Header.XAuthorization, walker);
      else if (bit == credentials.CONSUMER) this.consumer = valueOf(Header.Consumer, walker);
      return true;
    }
    if (bit != credentials.FAMILY) return false;
    if (this.otherHeaders === NO_NAMES) this.otherHeaders = [];
    this.otherHeaders.push(block.slice(walker.nameStart, walker.nameEnd).copy());
    return true;
  }

  private readHeader(walker: HeaderWalker): void {
    const header = headerOf(walker);
    if (header < 0) return;
    if (header >= Header.AgentSession) {
      this.readSession(header, walker);
      return;
    }
    // One of several headers is enough.
    if (header == Header.ContentEncoding && isIdentity(walker.value())) return;
    const value = valueOf(header, walker);
    switch (header) {
      case Header.Path:
        this.path = value;
        return;
      case Header.Method:
        this.method = value;
        return;
      case Header.Authority:
        this.authority = value;
        return;
      case Header.ContentType:
        this.contentType = value;
        return;
      case Header.ContentLength:
        this.hasContentLength = true;
        this.contentLength = walker.integer();
        return;
      case Header.ContentEncoding:
        this.encoding = value;
        return;
      default:
        this.readExtension(header, value);
    }
  }

  /** What is not of HTTP itself. */
  private readExtension(header: Header, value: View): void {
    switch (header) {
      case Header.Upgrade:
        this.isUpgrade = true;
        this.isWebSocket = value.equalsIgnoreCase("websocket");
        return;
      case Header.Protocols:
        this.protocols = value;
        return;
      case Header.AnthropicVersion:
        this.hasAnthropicVersion = true;
        return;
      case Header.AnthropicBeta:
        this.anthropicBeta = value;
        return;
      case Header.ConversationId:
        this.conversationId = value;
        return;
      case Header.AttemptCount:
        this.attempt = value;
    }
  }

  /** The header of the highest rank counts that is not empty. */
  private readSession(header: Header, walker: HeaderWalker): void {
    if (header <= this.sessionRank || walker.value().length == 0) return;
    this.sessionRank = header;
    this.session = valueOf(header, walker);
  }

  /** Copies what the log tells of the client into its record; the API and the model are found out later. */
  copyInto(record: Record): void {
    if (this.session.length != 0) record.session = this.session.copy();
    if (this.consumer.length != 0) record.consumer = this.consumer.copy();
  }

  /** The caller's own key, without its scheme: x-api-key, x-authorization, then Authorization (as Higress). */
  get callerKey(): View {
    if (this.xApiKey.length != 0) return withoutBearer(this.xApiKey);
    if (this.xAuthorization.length != 0) return withoutBearer(this.xAuthorization);
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

  get isEncoded(): bool {
    return this.encoding.length != 0;
  }

  /** True when the request can carry a body that is worth reading. */
  get canHaveBody(): bool {
    return !this.method.isOneOf("GET HEAD");
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
    if (coding.length != 0 && !coding.equalsIgnoreCase("identity")) return false;
    here = end + 1;
  }
  return true;
}
