// What the provider says of an error, in Envoy's log, if the operator wants it there (logUpstreamErrorResponseBody).

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { LogLevel } from "../host/abi";
import * as host from "../host/host";
import { apiLabel } from "../model/api";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { responseBytes } from "./response-bytes";

/** Bytes of a body that are shown; Higress shows as many. */
const MOST: i32 = 4096;

/** Writes the beginning of an error's body, the `size` bytes of its first callback. The API key in it is not shown. */
export function logError(exchange: Exchange, size: i32): void {
  exchange.logsError = false;
  if (isDefined(CORE_BUILD)) return;
  if (exchange.status < 400 || exchange.failure != Failure.None || exchange.skipped.length != 0) return;
  const body = responseBytes(size);
  const token = new Buffer(128);
  if (exchange.token >= 0) exchange.config.apiTokens[exchange.token].writeInto(token);
  const key = token.toView();
  const out = new Buffer(512);
  const first = key.length == 0 ? -1 : key.at(0);
  for (let k = 0; k < body.length && k < MOST; k++) {
    const byte = body.at(k);
    if (byte == first && body.slice(k, k + key.length).sameAs(key)) {
      out.ascii("***");
      k += key.length - 1;
    } else out.byte(byte < Ascii.Space || byte == Ascii.Delete ? Ascii.Space : byte);
  }
  const what = "ai-proxy: error of the provider: provider=" + exchange.provider + " api=" + apiLabel(exchange.api);
  const model = " model=" + exchange.upstreamModel.toString();
  host.log(LogLevel.Warn, what + " status=" + exchange.status.toString() + model + " body=" + out.toView().toString());
}
