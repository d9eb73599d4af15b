// Vertex AI with a memory interface: one exchange at a time, Google's tokens, and the paths.
import { Secret } from "../../../assembly/auth/secret";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { ProviderField } from "../../../assembly/config/schema.gen";
import { Settings } from "../../../assembly/config/settings";
import { TranslateOptions } from "../../../assembly/dialect/options";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { VertexEmbeddings } from "../../../assembly/dialect/to-vertex/embeddings";
import { ServiceAccount } from "../../../assembly/dialect/to-vertex/google-jwt";
import { GoogleToken } from "../../../assembly/dialect/to-vertex/google-token";
import { isClaude, writeVertexChatModel, writeVertexChatPath, writeVertexHost } from "../../../assembly/dialect/to-vertex/paths";
import { VertexTranslator } from "../../../assembly/dialect/to-vertex/translator";
import { bytesOf, contextOf, use } from "./exchange";

export * from "./exchange";

let context: TranslateContext = new TranslateContext();

function viewOf(text: ArrayBuffer): View {
  return View.of(text).copy();
}

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings. An empty project is express mode. */
export function begin(flags: i32, model: ArrayBuffer, project: ArrayBuffer, region: ArrayBuffer): void {
  const options = new TranslateOptions();
  options.settings = new Settings();
  options.settings.putText(ProviderField.VERTEX_PROJECT_ID, viewOf(project));
  options.settings.putText(ProviderField.VERTEX_REGION, viewOf(region));
  const body = contextOf(flags, model);
  context = new TranslateContext();
  context.now = body.now;
  context.nonce = body.nonce;
  context.options = options;
  if ((flags & 4) != 0) use(new VertexEmbeddings(context));
  else use(new VertexTranslator(context));
  // As in the pipeline: the request's head makes the translator, what is below comes with its body.
  context.stream = body.stream;
  context.includeUsage = body.includeUsage;
  context.model = body.model;
}

export function hostOf(region: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  const options = new TranslateOptions();
  options.settings = new Settings();
  options.settings.putText(ProviderField.VERTEX_REGION, viewOf(region));
  writeVertexHost(options, out);
  return bytesOf(out);
}

export function chatPath(): ArrayBuffer {
  const out = new Buffer(256);
  writeVertexChatPath(context.options, out);
  return bytesOf(out);
}

export function chatModel(model: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  writeVertexChatModel(View.of(model), out);
  return bytesOf(out);
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
  const out = new Buffer(256);
  return account.writeTokenForm(now, out) ? bytesOf(out) : String.UTF8.encode("!" + account.problem);
}

let token: GoogleToken = new GoogleToken(0);

export function newToken(refreshAhead: i64): void {
  token = new GoogleToken(refreshAhead);
}

/** `true` or `false`, a bar, the header's value, a bar, the end, a bar, the problem. */
export function takeToken(status: i32, body: ArrayBuffer, now: i64): ArrayBuffer {
  const taken = token.take(status, View.of(body), now);
  const out = new Buffer(256);
  out.ascii(taken ? "true|" : "false|");
  token.writeInto(out);
  out.byte(0x7c);
  out.integer(token.expiresAt);
  out.byte(0x7c);
  out.view(token.problem);
  return bytesOf(out);
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
