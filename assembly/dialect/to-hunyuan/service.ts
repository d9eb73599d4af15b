// The service that is called: what stands in its headers, how a call is signed, and where a response lies in the body.

import { Secret } from "../../auth/secret";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import * as names from "../../http/names";
import { JsonDocument } from "../../json/document";
import { Tc3Headers, signTc3 } from "./tc3";

const SERVICE: View = View.utf8("hunyuan");
const X_TC_ACTION: View = View.utf8("x-tc-action");
const X_TC_VERSION: View = View.utf8("x-tc-version");
const X_TC_TIMESTAMP: View = View.utf8("x-tc-timestamp");
const VERSION: View = View.utf8("2023-09-01");
const CHAT: View = View.utf8("ChatCompletions");
const EMBEDDING: View = View.utf8("GetEmbedding");

/** Adds the headers that say what is called, since the path never does. */
export function addCall(isEmbedding: bool, out: HeaderList): void {
  out.add(X_TC_ACTION, isEmbedding ? EMBEDDING : CHAT).add(X_TC_VERSION, VERSION);
}

/**
 * Adds the headers that prove who calls, for the action that `out` holds already (addCall). `body` is what leaves, `seconds`
 * the time since 1970. Sets the content type too: it is part of the signature.
 */
export function signCall(host: View, secretId: View, secretKey: Secret, body: View, seconds: i64, out: HeaderList): void {
  let action = CHAT;
  for (let k = 0; k < out.count; k++) if (out.name(k).sameAs(X_TC_ACTION)) action = out.value(k);
  const signed = new Tc3Headers();
  signTc3(host, SERVICE, action, names.APPLICATION_JSON, secretId, secretKey, body, seconds, signed);
  out.add(names.CONTENT_TYPE, names.APPLICATION_JSON);
  out.add(names.AUTHORIZATION, signed.authorization.toView());
  out.add(X_TC_TIMESTAMP, signed.timestamp.toView());
}

/** The object that holds the response: whole bodies wrap it in `Response`, stream events do not. */
export function responseOf(doc: JsonDocument): i32 {
  const wrapped = doc.root("Response");
  return doc.isObject(wrapped) ? wrapped : 0;
}
