// Credentials of providers whose requests are signed: made last, over the very bytes that leave.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { SignedHeaders, signRequest } from "../dialect/to-bedrock/sigv4";
import { addCall, signCall } from "../dialect/to-hunyuan/service";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { queryStart } from "../http/url";
import { Dialect } from "./provider";
import { Upstream } from "./upstream";

const BEDROCK: View = View.utf8("bedrock");

/**
 * Adds the headers that prove who calls. `target` is the request target and `body` the whole body as sent; `method` the
 * HTTP method; `seconds` the time since 1970. For upstreams with `signs` only.
 */
export function signHeaders(upstream: Upstream, method: View, target: View, body: View, seconds: i64, out: HeaderList): void {
  if (isDefined(CORE_BUILD)) return;
  if (upstream.dialect == Dialect.Bedrock && !isDefined(WITHOUT_BEDROCK)) signBedrock(upstream, method, target, body, seconds, out);
  else if (!isDefined(WITHOUT_HUNYUAN)) signHunyuan(upstream, body, seconds, out);
}

function signHunyuan(upstream: Upstream, body: View, seconds: i64, out: HeaderList): void {
  const settings = upstream.config.settings;
  // With protocol original no translator has named the action.
  if (out.count == 0) addCall(false, out);
  signCall(
    upstream.host,
    settings.text(ProviderField.HUNYUAN_AUTH_ID),
    settings.secret(ProviderField.HUNYUAN_AUTH_KEY),
    body,
    seconds,
    out,
  );
}

function signBedrock(upstream: Upstream, method: View, target: View, body: View, seconds: i64, out: HeaderList): void {
  const settings = upstream.config.settings;
  const sessionToken = settings.secret(ProviderField.AWS_SESSION_TOKEN);
  const question = queryStart(target);
  const signed = new SignedHeaders();
  signRequest(
    method,
    upstream.host,
    target.slice(0, question),
    target.slice(question + 1, target.length),
    settings.text(ProviderField.AWS_REGION),
    BEDROCK,
    settings.secret(ProviderField.AWS_ACCESS_KEY),
    settings.secret(ProviderField.AWS_SECRET_KEY),
    sessionToken,
    body,
    seconds,
    signed,
  );
  out.add(names.AUTHORIZATION, signed.authorization.toView());
  out.add(names.X_AMZ_DATE, signed.amzDate.toView());
  out.add(names.X_AMZ_CONTENT_SHA256, signed.contentSha256.toView());
  if (sessionToken.isEmpty) return;
  const token = new Buffer(1024);
  sessionToken.writeInto(token);
  out.add(names.X_AMZ_SECURITY_TOKEN, token.toView());
}
