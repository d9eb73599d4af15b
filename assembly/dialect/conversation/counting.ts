// A client asks how many tokens a request has: the request is translated as it would be to be sent, the provider's service gets what
// it takes of it, and its number goes back in the client's own form.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import { JsonDocument, NONE } from "../../json/document";
import { Api } from "../../model/api";
import { Translator } from "../translator";
import { CountService } from "./count-service";

/** Appends the answer of the client's API for `tokens`. */
export function writeCount(api: Api, tokens: i64, out: Buffer): void {
  if (api == Api.GeminiCountTokens) out.ascii('{"totalTokens":');
  else out.ascii(api == Api.CountTokens ? '{"input_tokens":' : '{"object":"response.input_tokens","input_tokens":');
  out.integer(tokens);
  out.byte(Ascii.RightBrace);
}

/** The whole request that a body of Gemini's countTokens may hold, in either of Google's spellings; NONE when it holds contents alone. */
export function wholeRequest(doc: JsonDocument): i32 {
  const node = doc.root("generateContentRequest");
  return node != NONE ? node : doc.root("generate_content_request");
}

@final
export class CountTranslator extends Translator {
  /** A path that the translator of the request does not know; empty: it does. */
  ownPath: View = View.empty();
  private doc: JsonDocument = new JsonDocument();

  /** `real`: the translator of the request that is counted; `service`: null when the provider has none. */
  constructor(
    private real: Translator,
    private api: Api,
    public service: CountService | null,
  ) {
    super(real.context);
  }

  /** Writes the request that is counted. */
  request(body: View, out: Buffer): bool {
    const doc = new JsonDocument();
    // Gemini's clients send a request, or its contents alone.
    const inner = this.api == Api.GeminiCountTokens && doc.parse(body) ? wholeRequest(doc) : NONE;
    return this.real.request(doc.isObject(inner) ? doc.raw(inner) : body, out) || this.refuse(this.real.problem, this.real.problemParam);
  }

  /** Writes the service's body for what request() wrote. */
  seal(request: View, out: Buffer): void {
    const service = this.service;
    if (service !== null) service.write(request, out);
  }

  path(out: Buffer): void {
    if (this.ownPath.length != 0) out.view(this.ownPath);
    else this.real.path(out);
  }

  host(out: Buffer): void {
    this.real.host(out);
  }

  headers(out: HeaderList): void {
    this.real.headers(out);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    const service = this.service;
    if (service === null || !doc.parse(body)) return false;
    const tokens = doc.integer(doc.root(service.total), -1);
    if (tokens >= 0) writeCount(this.api, tokens, out);
    return tokens >= 0;
  }

  /** A count never streams. */
  event(_name: View, _data: View, _out: Buffer): void {}

  end(_out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    this.real.errorName = this.errorName;
    this.real.error(status, body, out);
  }
}
