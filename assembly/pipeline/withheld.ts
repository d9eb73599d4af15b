// A gateway that lacks `allow_on_headers_stop_iteration: true`: Envoy takes the body of a request whose headers are held, and
// never shows it to the plugin. The request hangs until somebody gives up. Only its end can tell.

import { LogLevel } from "../host/abi";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { Arrival } from "./arrival";

let isTold: bool = false;

/** A part of the body came to Envoy, and none to the plugin. Says so once in a VM. */
export function isWithheld(arrival: Arrival): bool {
  if (!arrival.holdsHeaders || arrival.sawBody || arrival.requestDone) return false;
  if (attributes.requestBytes() <= <i64>arrival.headBytes) return false;
  if (!isTold) {
    isTold = true;
    host.log(
      LogLevel.Error,
      "ai-proxy: the body of a request came to Envoy and never to this plugin, so the request hung: set allow_on_headers_stop_iteration: true beside the plugin's name (Envoy 1.35 or newer)",
    );
  }
  return true;
}
