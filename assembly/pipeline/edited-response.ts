// Chat answers of providers that speak OpenAI's API themselves, where something of them has to change: what, is said by the
// provider's row and by reasoningContentMode (dialect/conversation/response-editor.ts). They are metered like those that pass.

import { ResponseEditor } from "../dialect/conversation/response-editor";
import { ResponseEdit } from "../dialect/options";
import { ReasoningMode } from "../model/reasoning-mode";
import { DataAction } from "../host/abi";
import { releaseDocuments } from "../json/document";
import { Api } from "../model/api";
import { UsageMeter } from "../usage/meter";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { hold } from "./held";
import { holdMore, waitForMore } from "./held-response";
import { Metered } from "./metered-response";
import { replaceHeld } from "./replaced-response";
import { responseBytes, writeResponse } from "./response-bytes";

/** The editor of the exchange's answer, null when nothing of it may have to change. */
export function responseEditor(exchange: Exchange, isStream: bool): ResponseEditor | null {
  if (exchange.api != Api.ChatCompletions || exchange.isTranslated) return null;
  const options = exchange.upstream.options;
  // A provider whose bytes are never read is not known either; what the operator asks for is done all the same.
  const edits = exchange.keepsPath ? 0 : options.responseEdits;
  const mode = options.reasoningMode;
  // Whole responses are held for what only they need: a role, an index or usage is missing in streams alone.
  const wanted = isStream ? edits : edits & ResponseEdit.CONTENT_LISTS;
  return wanted == 0 && mode == ReasoningMode.Passthrough ? null : new ResponseEditor(edits, mode);
}

/** A whole body is held, read and edited. */
@final
export class EditedBody extends Metered {
  constructor(private editor: ResponseEditor) {
    super(UsageMeter.clean());
  }

  get holdsBody(): bool {
    return true;
  }

  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    if (!holdMore(exchange, size)) return replaceHeld(exchange, size);
    if (!endOfStream) return waitForMore(exchange, size);
    const body = responseBytes(size);
    this.meter.feedJson(body);
    this.meter.finishJson();
    const edited = this.editor.editWhole(body);
    if (edited !== body && !writeResponse(exchange, edited)) exchange.failure = Failure.Internal;
    hold(exchange, 0, 0);
    releaseDocuments();
    return DataAction.Continue;
  }
}
