// Counts of tokens before a request is sent: by the provider's own service, and where it has none the gateway estimates, and says so.

import { View } from "../bytes/view";
import { Buffer, MAX_BUFFER } from "../bytes/buffer";
import { ChainedTranslator } from "../dialect/chain";
import { chatTokenizer } from "../dialect/conversation/count-service";
import { CountTranslator, wholeRequest, writeCount } from "../dialect/conversation/counting";
import { geminiCount, vertexCount } from "../dialect/to-gemini/count";
import { Translator } from "../dialect/translator";
import { HeaderList } from "../http/header-list";
import { JsonDocument, NONE } from "../json/document";
import { ObjectEditor } from "../json/object-editor";
import { validUtf8 } from "../json/code-point";
import { Api } from "../model/api";
import { Dialect } from "../provider/provider";
import { RequestScan } from "../provider/request-scan";
import { estimatePrompt } from "../usage/estimate";
import { refuseSize } from "./body-size";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse, respondLocally } from "./refuse";

/** Marks a count that nobody but the gateway has made. */
const SOURCE: View = View.utf8("x-ai-proxy-usage-source");
const ESTIMATE: View = View.utf8("estimate");
/** Members of a chat whose names and marks a model reads as well: they are weighed as JSON. */
const WHOLE: StaticArray<string> = ["tools", "functions"];
/** Members that no model reads, or that say once more what another one says. */
const UNREAD: string = "role type id tool_call_id cache_control signature data extra_content reasoning_details reasoning_items";
/** What Vertex AI counts beside `contents`. */
const BESIDE: StaticArray<string> = ["systemInstruction", "system_instruction", "tools", "generationConfig", "generation_config"];
/** Pictures and what else is no text. */
const MEDIA: string = "image_url input_audio video_url file source";
/** What Gemini counts for a picture (https://ai.google.dev/gemini-api/docs/tokens, Nov 2026). */
const MEDIA_TOKENS: i64 = 258;
/** What stands around a message in the templates of most models. */
const MESSAGE_TOKENS: i64 = 4;

/** The translator of a request that is only to be counted; `real` is that of the request itself. */
export function countTranslator(exchange: Exchange, real: Translator): Translator {
  const path = exchange.targetApi == Api.ChatCompletions ? exchange.upstream.tokenizer() : View.empty();
  const service = path.length != 0 ? chatTokenizer() : real.counter;
  // What is estimated is the chat or the conversation form: its members are known.
  const counted = service === null && real instanceof ChainedTranslator ? (real as ChainedTranslator).outer : real;
  const translator = new CountTranslator(counted, exchange.api, service);
  translator.ownPath = path;
  return translator;
}

/** The body for the provider's service; `request` itself when it is not one to count. Empty: it was answered here. */
export function countedBody(exchange: Exchange, request: View): View {
  const translator = exchange.translator;
  if (!(translator instanceof CountTranslator)) return request;
  const counting = translator as CountTranslator;
  if (counting.service === null) {
    answer(exchange, request);
    return View.empty();
  }
  exchange.targetApi = exchange.targetApi == Api.Responses ? Api.ResponseInputTokens : Api.Unknown;
  const out = new Buffer(request.length + 256);
  counting.seal(request, out);
  if (!out.overflow) return out.toView();
  refuseSize(exchange, MAX_BUFFER);
  return View.empty();
}

/**
 * The body of Google's countTokens as the provider takes it: Gemini's API counts `contents` or a whole request in one member, Vertex AI
 * one whose members are the body's own. `scan` is used anew. What cannot be read is for the provider to judge.
 */
export function nativeCount(exchange: Exchange, body: View, scan: RequestScan): View {
  scan.reset(body);
  if (!scan.readWithin(exchange.config.maxRewrittenBytes - body.length)) return body;
  const isVertex = exchange.upstream.row.dialect == Dialect.Vertex;
  const isWhole = scan.editor.find("generateContentRequest") >= 0 || scan.editor.find("generate_content_request") >= 0;
  if (isVertex ? !isWhole : isWhole || !hasOthers(scan.editor)) return body;
  const doc = new JsonDocument();
  if (!doc.parse(body)) return body;
  const out = new Buffer(body.length + 128);
  const service = isVertex ? vertexCount() : geminiCount(validUtf8(exchange.upstreamModel));
  service.writeMembers(doc, isVertex ? wholeRequest(doc) : 0, out);
  return out.toView();
}

/** What Gemini's API takes in a whole request alone stands beside the contents. */
function hasOthers(editor: ObjectEditor): bool {
  for (let k = 0; k < BESIDE.length; k++) if (editor.find(BESIDE[k]) >= 0) return true;
  return false;
}

/** Answers with an estimate of the texts of a chat. */
function answer(exchange: Exchange, chat: View): void {
  if (!exchange.config.estimateUsage) {
    const message = "The provider has no service that counts tokens, and estimateUsage: false keeps the gateway from estimating them.";
    refuse(exchange, Failure.UnsupportedApi, message, "");
    return;
  }
  const doc = new JsonDocument();
  let tokens: i64 = 0;
  if (doc.parse(chat)) {
    for (let k = 0; k < WHOLE.length; k++) {
      const member = doc.root(WHOLE[k]);
      tokens += estimatePrompt(chat, doc.start(member), doc.end(member));
    }
    const messages = doc.root("messages");
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) tokens += MESSAGE_TOKENS + tokensOf(doc, message);
  }
  doc.empty();
  const out = new Buffer(64);
  writeCount(exchange.api, max<i64>(tokens, 1), out);
  respondLocally(exchange, out, new HeaderList().add(SOURCE, ESTIMATE), "count_estimated");
}

/** As deep as the document, which the reader bounds. */
function tokensOf(doc: JsonDocument, node: i32): i64 {
  if (doc.isString(node)) return estimatePrompt(doc.view, doc.start(node) + 1, doc.end(node) - 1);
  let tokens: i64 = 0;
  for (let child = doc.first(node); child != NONE; child = doc.next(child)) {
    if (doc.keyIn(child, MEDIA)) tokens += MEDIA_TOKENS;
    else if (!doc.keyIn(child, UNREAD)) tokens += tokensOf(doc, child);
  }
  return tokens;
}
