// Which of several attempts at a request this is. As an upstream filter the plugin runs once for each, with one set of headers that the
// attempts before have changed already. What they must leave to the next is kept in filter state, which they share.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";
import { Upstream } from "../provider/upstream";
import { RequestHead } from "./request-head";

const REQUEST: HeaderMapType = HeaderMapType.RequestHeaders;
/** Lines: path, authority, flags, consumer, then a pool's number and a token's for each token that was used. */
const STATE: View = View.utf8("ai_attempt");
/** All attempts so far sent the caller's own key on. */
const CALLER_KEY: i32 = 1;
/** The client sent anthropic-version itself. */
const VERSION: i32 = 2;
const NO_TOKENS: Array<i32> = [];

/** Views are valid for the callback of the request's headers. */
@final
export class Attempt {
  private path: View = View.empty();
  private authority: View = View.empty();
  private flags: i32 = 0;
  /** The name that the request had, which attempts before have taken out of it. */
  private consumer: View = View.empty();
  /** Number of a pool, index of a token, number of a pool… */
  private used: Array<i32> = [];

  /** Others may follow, and those before have left their facts. */
  get isNumbered(): bool {
    return this !== NO_ATTEMPT;
  }

  private read(text: View): void {
    let start = 0;
    for (let line = 0; start < text.length; line++) {
      let end = text.indexOf(Ascii.LineFeed, start);
      if (end < 0) end = text.length;
      const value = text.slice(start, end);
      if (line == 0) this.path = value;
      else if (line == 1) this.authority = value;
      else if (line == 2) this.flags = <i32>value.toInteger();
      else if (line == 3) this.consumer = value;
      else this.used.push(<i32>value.toInteger());
      start = end + 1;
    }
  }

  /** Adds the token to those that were used, and tells the attempts to come. */
  useToken(pool: i32, token: i32): void {
    if (!this.isNumbered) return;
    const out = new Buffer(128);
    out.view(this.path);
    out.byte(Ascii.LineFeed);
    out.view(this.authority);
    out.byte(Ascii.LineFeed);
    out.integer(this.flags);
    out.byte(Ascii.LineFeed);
    out.view(this.consumer);
    this.used.push(pool);
    this.used.push(token);
    for (let k = 0; k < this.used.length; k++) {
      out.byte(Ascii.LineFeed);
      out.integer(this.used[k]);
    }
    host.setProperty(STATE, out.toView());
  }

  /** Tokens of a pool that attempts before this one have used. */
  usedOf(pool: i32): Array<i32> {
    if (this.used.length == 0) return NO_TOKENS;
    const tokens: Array<i32> = [];
    for (let k = 0; k + 1 < this.used.length; k += 2) if (this.used[k] == pool) tokens.push(this.used[k + 1]);
    return tokens;
  }

  /** Takes the first attempt's facts from the request as it came. */
  private begin(head: RequestHead): void {
    this.path = head.path;
    this.authority = head.authority;
    this.consumer = head.consumer;
    this.flags = CALLER_KEY | (head.hasAnthropicVersion ? VERSION : 0);
  }

  /** Puts the request back to what the client sent, as far as attempts before have changed it. */
  private restore(head: RequestHead): void {
    head.path = this.path;
    head.authority = this.authority;
    head.consumer = this.consumer;
    host.replaceHeader(REQUEST, names.PATH, this.path);
    host.replaceHeader(REQUEST, names.AUTHORITY, this.authority);
    if ((this.flags & VERSION) == 0 && head.hasAnthropicVersion) {
      host.removeHeader(REQUEST, names.ANTHROPIC_VERSION);
      head.hasAnthropicVersion = false;
    }
    // Credentials in the request are those of the provider before: they will be removed, and must not be passed on.
    if ((this.flags & CALLER_KEY) == 0) head.forgetCallerKey();
  }

  /**
   * The attempt that the request is, which is put back to what the client sent. NO_ATTEMPT unless Envoy numbers its attempts, as the
   * route says.
   */
  static of(head: RequestHead, upstream: Upstream): Attempt {
    if (head.attempt.length == 0) return NO_ATTEMPT;
    const attempt = new Attempt();
    const text = host.property(STATE);
    if (text === null) attempt.begin(head);
    else {
      attempt.read(text);
      attempt.restore(head);
    }
    if (!upstream.row.takesCallerKey || upstream.config.apiTokens.length != 0) attempt.flags &= ~CALLER_KEY;
    return attempt;
  }
}

/** Of a request whose attempts are not numbered. Never changed. */
export const NO_ATTEMPT: Attempt = new Attempt();
