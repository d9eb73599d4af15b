// The model that a JSON body names, as the provider is to be asked for it.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { decodeString, writeString } from "../json/text";
import { needsModel, takesDefaultModel } from "../model/api";
import { tookTooLong } from "../model/mapping";
import { RequestScan } from "../provider/request-scan";
import { Exchange } from "./exchange";
import { refuseModelless, refuseUndecided } from "./refuse";

/** Memory of a quoted name that is kept for the next. */
const KEPT_BYTES: i32 = 4096;
const quotedModel: Buffer = new Buffer(128);

/** Kling's own clients call the model otherwise. */
export function takeKlingModel(scan: RequestScan): void {
  const name = scan.editor.raw(scan.editor.find("model_name"));
  if (name.at(0) == Ascii.Quote) scan.model = decodeString(name, 0, name.length);
}

/** Sets the model for upstream; false when there must be one and there is none. */
export function mapModel(exchange: Exchange, scan: RequestScan): bool {
  const upstream = exchange.upstream;
  const mapping = exchange.mapping;
  const azure = upstream.azure;
  const hasModel = exchange.clientModel.length != 0;
  const mapped = hasModel
    ? upstream.modelName(mapping.map(exchange.clientModel))
    : takesDefaultModel(exchange.api)
      ? mapping.defaultModel
      : View.empty();
  if (!hasModel && mapped.length == 0) {
    const isNeeded =
      azure === null ? needsModel(exchange.api) : azure.wantsModel(exchange.api) || (azure.takesModel && needsModel(exchange.api));
    if (isNeeded) refuseModelless(exchange);
    return !isNeeded;
  }
  if (tookTooLong()) {
    refuseUndecided(exchange);
    return false;
  }
  const isSame = mapped.length == 0 || mapped.sameAs(scan.model);
  exchange.upstreamModel = isSame ? exchange.clientModel : mapped;
  if (azure !== null && azure.dropsModel(exchange.api)) scan.editor.remove("model");
  // Of two members called model some readers take the first.
  else if (!isSame || scan.models > 1) scan.editor.set("model", quoted(exchange.upstreamModel));
  return true;
}

/** The model as JSON text, valid until the next. */
function quoted(model: View): View {
  quotedModel.clearTo(KEPT_BYTES);
  writeString(quotedModel, model);
  return quotedModel.window();
}
