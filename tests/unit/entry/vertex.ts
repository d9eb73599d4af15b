// Vertex AI with a memory interface: one exchange at a time, Google's tokens, and the paths.
import "../../../assembly/host/abort";
import { Secret } from "../../../assembly/auth/secret";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { TranslateOptions } from "../../../assembly/dialect/options";
import { TranslateContext, Translator } from "../../../assembly/dialect/translator";
import { VertexEmbeddings } from "../../../assembly/dialect/vertex/embeddings";
import { ServiceAccount } from "../../../assembly/dialect/vertex/google-jwt";
import { GoogleToken } from "../../../assembly/dialect/vertex/google-token";
import { isClaude, writeVertexChatModel, writeVertexChatPath, writeVertexHost } from "../../../assembly/dialect/vertex/paths";
import { VertexTranslator } from "../../../assembly/dialect/vertex/translator";
import { SseFramer, SseSink } from "../../../assembly/sse/framer";

let context: TranslateContext = new TranslateContext();
let translator: Translator = new VertexTranslator(context);

function take(out: Buffer): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

function viewOf(text: ArrayBuffer): View {
  return View.of(text).copy();
}

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings. An empty project is express mode. */
export function begin(flags: i32, model: ArrayBuffer, project: ArrayBuffer, region: ArrayBuffer): void {
  const options = new TranslateOptions();
  options.projectId = viewOf(project);
  options.region = viewOf(region);
  context = new TranslateContext();
  context.now = 1700000000;
  context.nonce = 0xabcdef;
  context.options = options;
  translator = (flags & 4) != 0 ? <Translator>new VertexEmbeddings(context) : <Translator>new VertexTranslator(context);
  // As in the pipeline: the request's head makes the translator, what is below comes with its body.
  context.stream = (flags & 1) != 0;
  context.includeUsage = (flags & 2) != 0;
  context.model = viewOf(model);
}

/** The upstream body, or `!param|problem`. */
export function request(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  if (translator.request(View.of(body), out)) return take(out);
  return String.UTF8.encode("!" + translator.problemParam + "|" + translator.problem);
}

export function path(): ArrayBuffer {
  const out = new Buffer();
  translator.path(out);
  return take(out);
}

/** The client's body, or `!`. */
export function response(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  return translator.response(View.of(body), out) ? take(out) : String.UTF8.encode("!");
}

export function error(status: i32, body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  translator.error(status, View.of(body), out);
  return take(out);
}

/** input, output, model, id: what the logs are told. */
export function seen(): ArrayBuffer {
  const usage = translator.usage;
  const names = translator.responseModel.toString() + "," + translator.responseId.toString();
  return String.UTF8.encode(usage.input.toString() + "," + usage.output.toString() + "," + names);
}

/** Hands whole events to the translator, as the pipeline does. */
class Events extends SseSink {
  out: Buffer = new Buffer();
  private gathered: Buffer = new Buffer();
  private name: Buffer = new Buffer();

  data(view: View, start: i32, end: i32): void {
    this.gathered.range(view, start, end);
  }

  dataBreak(): void {
    this.gathered.byte(0x0a);
  }

  eventNameStart(): void {
    this.name.clear();
  }

  eventName(view: View, start: i32, end: i32): void {
    this.name.range(view, start, end);
  }

  eventEnd(offset: i32): void {
    translator.event(this.name.toView(), this.gathered.toView(), this.out);
    this.blockEnd(offset);
  }

  blockEnd(offset: i32): void {
    this.gathered.clear();
    this.name.clear();
  }
}

/** A whole event stream, fed in pieces of `size` bytes (the last may be shorter), then ended. */
export function stream(bytes: ArrayBuffer, size: i32): ArrayBuffer {
  const sink = new Events();
  const framer = new SseFramer();
  const all = View.of(bytes);
  for (let here = 0; here < all.length; here += size) framer.feed(all.slice(here, here + size).copy(), sink);
  framer.finish(sink);
  translator.end(sink.out);
  return take(sink.out);
}

export function host(region: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  writeVertexHost(View.of(region), out);
  return take(out);
}

export function chatPath(): ArrayBuffer {
  const out = new Buffer();
  writeVertexChatPath(context.options, out);
  return take(out);
}

export function chatModel(model: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  writeVertexChatModel(View.of(model), out);
  return take(out);
}

export function claude(model: ArrayBuffer): bool {
  return isClaude(View.of(model));
}

let account: ServiceAccount = new ServiceAccount(Secret.none());

/** token_uri, a bar, the problem. */
export function readAccount(keyFile: ArrayBuffer): ArrayBuffer {
  account = new ServiceAccount(new Secret(viewOf(keyFile)));
  return String.UTF8.encode(account.tokenUri.toString() + "|" + account.problem);
}

/** The form, or `!`. */
export function form(now: i64): ArrayBuffer {
  const out = new Buffer();
  return account.writeTokenForm(now, out) ? take(out) : String.UTF8.encode("!" + account.problem);
}

let token: GoogleToken = new GoogleToken(0);

export function newToken(refreshAhead: i64): void {
  token = new GoogleToken(refreshAhead);
}

/** `true` or `false`, a bar, the header's value, a bar, the end, a bar, the problem. */
export function takeToken(status: i32, body: ArrayBuffer, now: i64): ArrayBuffer {
  const taken = token.take(status, View.of(body), now);
  const out = new Buffer();
  out.ascii(taken ? "true|" : "false|");
  token.writeInto(out);
  out.byte(0x7c);
  out.integer(token.expiresAt);
  out.byte(0x7c);
  out.view(token.problem);
  return take(out);
}

export function isFresh(now: i64): bool {
  return token.isFresh(now);
}

export function isValid(now: i64): bool {
  return token.isValid(now);
}

export function clearToken(): void {
  token.clear();
}

/** Frees everything unreachable; called when nothing is on the stack. */
export function collect(): void {
  __collect();
}
