// A provider's list of models, held until it is whole, and joined with the names that the configuration knows.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { DataAction, HeaderMapType, HeadersAction } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";
import { releaseDocuments } from "../json/document";
import { Exchange, ResponseHandler } from "./exchange";
import { hold } from "./held";
import { holdMore, holdResponse, waitForMore } from "./held-response";
import { ModelMerge } from "./model-writer";
import { replaceHeld } from "./replaced-response";
import { responseBytes, writeResponse, writeStatus } from "./response-bytes";
import { ResponseHead } from "./response-head";

const RESPONSE: HeaderMapType = HeaderMapType.ResponseHeaders;
/** Tells that the provider has not given its list. */
const SOURCE: View = View.utf8("x-ai-proxy-models");
const CONTENT_ENCODING: View = View.utf8("content-encoding");
const CONFIGURED: View = View.utf8("configured");

/** Holds the response to such a request. */
export function mergeModels(exchange: Exchange, merge: ModelMerge, head: ResponseHead): HeadersAction {
  if (head.isEncoded) host.removeHeader(RESPONSE, CONTENT_ENCODING);
  if (head.hasLength) host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
  return holdResponse(exchange, head, new MergedModels(merge));
}

@final
class MergedModels extends ResponseHandler {
  constructor(private merge: ModelMerge) {
    super();
  }

  get holdsBody(): bool {
    return true;
  }

  /** In place of what is no list the client gets the configuration's names, if there are any. */
  onBytes(exchange: Exchange, size: i32, endOfStream: bool): DataAction {
    if (!holdMore(exchange, size)) return replaceHeld(exchange, size);
    if (!endOfStream) return waitForMore(exchange, size);
    const merge = this.merge;
    const out = new Buffer(size + 1024);
    let isWritten = exchange.status < 300 && merge.write(responseBytes(size), out) && !out.overflow;
    if (!isWritten && !merge.isEmpty) {
      out.clear();
      merge.writeKnown(out);
      host.replaceHeader(RESPONSE, names.CONTENT_TYPE, names.APPLICATION_JSON);
      host.replaceHeader(RESPONSE, SOURCE, CONFIGURED);
      writeStatus(exchange, 200);
      isWritten = true;
    }
    if (isWritten) writeResponse(exchange, out.toView());
    hold(exchange, 0, 0);
    releaseDocuments();
    return DataAction.Continue;
  }
}
