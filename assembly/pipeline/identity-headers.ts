// Takes out of a request what tells who the client is (http/credentials.ts), but for what the operator wants to go on.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import * as credentials from "../http/credentials";
import * as names from "../http/names";
import { Exchange } from "./exchange";

const REQUEST: HeaderMapType = HeaderMapType.RequestHeaders;

/** Removes the client's headers; one host call for each that was sent. `written`: the header that a key of ours is put into, or null. */
export function removeIdentity(exchange: Exchange, written: View | null): void {
  const isCallers = exchange.token < 0 && exchange.callerKey.length != 0;
  const removable = credentials.removableNames();
  for (let bit = 0, left = exchange.sentHeaders; left != 0; bit++, left >>= 1) {
    if ((left & 1) == 0 || (isCallers && credentials.isAccount(bit))) continue;
    const name = removable[bit];
    if (written !== null && name.sameAs(written)) continue;
    if (bit == credentials.ACCEPT_ENCODING || !exchange.keepsHeader(name)) host.removeHeader(REQUEST, name);
    else if (credentials.isAccount(bit)) exchange.hasClientsAccount = true;
  }
  const others = exchange.otherHeaders;
  for (let k = 0; k < others.length; k++) if (!exchange.keepsHeader(others[k])) host.removeHeader(REQUEST, others[k]);
  if (exchange.protocols.length != 0 && !exchange.keepsHeader(names.WEBSOCKET_PROTOCOL)) cleanProtocols(exchange.protocols, isCallers);
}

/** Protocols that carry a key leave the list; an empty list leaves the request. */
function cleanProtocols(sent: View, isCallers: bool): void {
  if (isCallers) return;
  const out = new Buffer(64);
  let start = 0;
  while (start <= sent.length) {
    let end = sent.indexOf(Ascii.Comma, start);
    if (end < 0) end = sent.length;
    const entry = sent.slice(start, end).trim();
    start = end + 1;
    if (entry.length == 0 || credentials.isSecretProtocol(entry)) continue;
    if (out.length != 0) out.ascii(", ");
    out.view(entry);
  }
  if (out.length == 0) host.removeHeader(REQUEST, names.WEBSOCKET_PROTOCOL);
  else if (!out.toView().sameAs(sent)) host.replaceHeader(REQUEST, names.WEBSOCKET_PROTOCOL, out.toView());
}
