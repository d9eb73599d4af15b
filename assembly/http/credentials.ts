// Headers by which a client says who it is, proves it, or names the account that pays: to this gateway, to a proxy in front, or
// to a provider. Beside a key of the gateway's they would choose what is nobody's but the operator's to choose, and they tell
// the provider who its users are. So none reaches a provider unless `forwardHeaders` names it.

import { View, sizeOf } from "../bytes/view";

/** Names, lower case; the index is the bit in Exchange.sentHeaders. */
const NAMES: StaticArray<string> = [
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "x-authorization",
  "x-hi-original-auth",
  "proxy-authorization",
  "accept-encoding",
  "cookie",
  "x-mse-consumer",
  // Which account pays: OpenAI's API reference (Authentication), Google's cloud.google.com/apis/docs/system-parameters, Alibaba's
  // help.aliyun.com/zh/model-studio (workspaces), all read Nov 2026.
  "openai-organization",
  "openai-project",
  "x-goog-user-project",
  "x-dashscope-workspace",
];
let nameViews: Array<View> = [];

/** Bits by name, for callers that need one of them. */
export const AUTHORIZATION: i32 = 0;
export const X_API_KEY: i32 = 1;
export const X_GOOG_API_KEY: i32 = 3;
export const X_AUTHORIZATION: i32 = 4;
export const ACCEPT_ENCODING: i32 = 7;
export const CONSUMER: i32 = 9;
const FIRST_ACCOUNT: i32 = 10;

/** A header of a family: to be removed, and without a bit. */
export const FAMILY: i32 = -2;

/**
 * How other such headers begin: what proxies that ask for a login tell those behind them, by their manuals (Nov 2026), and
 * what signs a request for AWS, which Bedrock would read in place of ours.
 */
const BEGINNINGS: StaticArray<string> = [
  "x-amz-",
  "x-amzn-oidc-",
  "cf-access-",
  "x-auth-request-",
  "x-forwarded-user",
  "x-forwarded-email",
  "x-forwarded-groups",
  "x-forwarded-preferred-username",
  "x-forwarded-client-cert",
  "client-cert",
  "ssl-client-",
  "x-ssl-client-",
  "x-ms-client-principal",
  "x-ms-token-",
  "x-goog-iap-",
  "x-goog-authenticated-user-",
  "x-goog-iam-",
  "x-consumer-",
  "x-credential-",
  "x-authentik-",
  "x-pomerium-",
  "tailscale-user-",
  "remote-user",
  "remote-groups",
  "remote-email",
  "remote-name",
];
/** How names of secrets end. `idempotency-key` and `sec-websocket-key` are none. */
const ENDS: StaticArray<string> = [
  "api-key",
  "apikey",
  "access-key",
  "subscription-key",
  "token",
  "secret",
  "password",
  "authorization",
  "-auth",
  "-jwt",
  "-assertion",
  "credential",
  "credentials",
  "-userinfo",
  "cookie2",
];

/**
 * Bit of a header that is to be removed, FAMILY, or -1 for one that goes on. `accept-encoding` is among them: an encoded response
 * cannot be read.
 */
export function removableHeader(block: View, start: i32, end: i32): i32 {
  const size = end - start;
  if (size < 5) return -1;
  for (let k = 0; k < NAMES.length; k++) {
    const name = unchecked(NAMES[k]);
    if (sizeOf(name) == size && block.startsWithAt(start, name)) return k;
  }
  // A byte that differs in most names spares most comparisons.
  const third = block.at(start + 2);
  for (let k = 0; k < BEGINNINGS.length; k++) {
    const name = unchecked(BEGINNINGS[k]);
    if (name.charCodeAt(2) == third && sizeOf(name) <= size && block.startsWithAt(start, name)) return FAMILY;
  }
  const last = block.at(end - 2);
  for (let k = 0; k < ENDS.length; k++) {
    const name = unchecked(ENDS[k]);
    const length = sizeOf(name);
    if (length <= size && name.charCodeAt(length - 2) == last && block.startsWithAt(end - length, name)) return FAMILY;
  }
  return -1;
}

/** The header names the account that pays: it belongs to the client's own key, and goes where that goes. */
export function isAccount(bit: i32): bool {
  return bit >= FIRST_ACCOUNT;
}

/** The names as bytes, in bit order. */
export function removableNames(): Array<View> {
  if (nameViews.length == 0) for (let k = 0; k < NAMES.length; k++) nameViews.push(View.utf8(NAMES[k]));
  return nameViews;
}

/**
 * Entries of `sec-websocket-protocol` by which browsers, which can set no headers, send a key or an account: OpenAI's
 * (https://platform.openai.com/docs/guides/realtime-websocket, Nov 2026) and the form that Kubernetes began.
 */
const SECRET_PROTOCOLS: StaticArray<string> = [
  "openai-insecure-api-key.",
  "openai-organization.",
  "openai-project.",
  "base64url.bearer.authorization.",
];

/** `entry` of a list of WebSocket protocols carries a key or an account. */
export function isSecretProtocol(entry: View): bool {
  for (let k = 0; k < SECRET_PROTOCOLS.length; k++) if (entry.startsWithIgnoreCase(SECRET_PROTOCOLS[k])) return true;
  return false;
}
