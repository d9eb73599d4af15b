// What the operator's options do to chats: those of OpenAI clients, and those that requests of other APIs became.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { Api, countedApi, generatesText } from "../model/api";
import { MiddleEdit } from "../dialect/chain";
import { dropEnvelopes, dropSealedItems } from "../dialect/conversation/foreign-seals";
import { editMessages } from "../provider/quirks/messages";
import { fitChat, fitsChats } from "../provider/quirks/quirks";
import { Dialect } from "../provider/provider";
import { RequestScan } from "../provider/request-scan";
import { Exchange } from "./exchange";

/** True for chats, and for requests of other APIs to providers that speak OpenAI's. */
export function becomesChat(exchange: Exchange): bool {
  if (exchange.keepsPath) return false;
  if (exchange.api == Api.ChatCompletions) return true;
  return exchange.isTranslated && exchange.upstream.dialect == Dialect.OpenAI && generatesText(countedApi(exchange.api));
}

/**
 * A chat that was a request of another API, edited and fitted to its provider; the same bytes when there is nothing to do. `scan` is
 * used anew.
 */
export function editedChat(exchange: Exchange, chat: View, scan: RequestScan): View {
  const upstream = exchange.upstream;
  const config = upstream.config;
  const adds =
    config.settings.text(ProviderField.RESPONSE_JSON_SCHEMA).length != 0 ||
    upstream.contextFile !== null ||
    config.settings.texts(ProviderField.QWEN_FILE_IDS).length != 0;
  const edits = adds || config.contextCleanupCommands.length != 0 || config.mergeConsecutiveMessages || !config.asksUsage;
  if (!edits && !fitsChats(upstream.row, upstream.quirks)) return chat;
  scan.reset(chat);
  if (!scan.read()) return chat;
  editChat(exchange, scan);
  if (!config.asksUsage) scan.editor.remove("stream_options");
  fitFor(exchange, scan, true);
  return editedBody(chat, scan);
}

/** Fits the chat that `scan` has read to the API that it goes to; with `isOurs` the gateway wrote it. */
export function fitFor(exchange: Exchange, scan: RequestScan, isOurs: bool): void {
  const upstream = exchange.upstream;
  const toResponses = exchange.targetApi == Api.Responses;
  // Quirks of messages are those of chat completions.
  const quirks = toResponses ? 0 : upstream.quirks;
  fitChat(scan, upstream.row, quirks, exchange.clientModel, exchange.upstreamModel, isOurs, toResponses);
}

/** Chats that a second translator takes on to another API of the same provider. */
@final
export class ChatEdit extends MiddleEdit {
  constructor(private exchange: Exchange) {
    super();
  }

  edit(chat: View): View {
    return editedChat(this.exchange, chat, new RequestScan());
  }
}

/** Puts the edits of the request that `scan` has read into its editor: the operator's of a chat, seals of others' of a Messages request. */
export function editGeneration(exchange: Exchange, scan: RequestScan): void {
  if (exchange.api == Api.ChatCompletions) editChat(exchange, scan);
  if (isDefined(CORE_BUILD) || exchange.isTranslated) return;
  const api = countedApi(exchange.api);
  if (api == Api.Messages) dropEnvelopes(scan.editor, exchange.upstream.dialect == Dialect.Anthropic);
  else if (api == Api.Responses) dropSealedItems(scan.editor);
}

/** Puts the edits of the chat that `scan` has read into its editor. */
function editChat(exchange: Exchange, scan: RequestScan): void {
  const upstream = exchange.upstream;
  const schema = upstream.config.settings.text(ProviderField.RESPONSE_JSON_SCHEMA);
  if (schema.length != 0) scan.editor.set("response_format", schema);
  editMessages(scan.editor, upstream.config, addedText(exchange));
}

/** What the operator adds to every chat as a system message; empty for nothing. */
function addedText(exchange: Exchange): View {
  const upstream = exchange.upstream;
  const file = upstream.contextFile;
  if (file !== null) return file.text;
  const ids = upstream.config.settings.texts(ProviderField.QWEN_FILE_IDS);
  // Only qwen-long reads uploaded files (DashScope's "Qwen-Long", read Nov 2026).
  if (ids.length == 0 || !exchange.upstreamModel.startsWith("qwen-long")) return View.empty();
  const out = new Buffer(128);
  for (let k = 0; k < ids.length; k++) {
    out.ascii(k > 0 ? ",fileid://" : "fileid://");
    out.view(ids[k]);
  }
  return out.toView();
}

/** The client's body with the operator's edits in it, for translators; the same bytes when there are none. */
export function editedBody(body: View, scan: RequestScan): View {
  scan.editor.finish();
  return scan.patches.appliedTo(body);
}
