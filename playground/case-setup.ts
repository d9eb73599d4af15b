// A case folder as a setup of the page. Used by the build and by the tests, so the page itself has none of it.
import { DEFAULT_RESPONSE, responseHeaders, bytesOf, configText, isStream, requestOf, type Case } from "../tests/cases/case";
import { stringify } from "yaml";
import type { Reply, Setup } from "./setup";

export function replyOfCase(one: Case): Reply {
  const { provider } = one;
  const headers = Object.entries(responseHeaders(one));
  // A stream that does not say so.
  if (isStream(one) && !/event-?stream/i.test(responseHeaders(one)["content-type"])) headers.push(["transfer-encoding", "chunked"]);
  return {
    status: provider?.status ?? 200,
    headers,
    body: bodyOf(one),
    ends: provider?.ends ?? "complete",
  };
}

function bodyOf(one: Case): string {
  const { provider } = one;
  if (provider === undefined) return bytesOf(DEFAULT_RESPONSE);
  if (provider.awsEvents !== undefined) return provider.awsEvents.map((event) => `${JSON.stringify(event)}\n`).join("");
  return isStream(one) ? (provider.stream ?? "") : bytesOf(provider.body);
}

/** The case as the runners send it, byte for byte. */
export function setupOfCase(one: Case): Setup {
  const { method, path, headers, body } = requestOf(one);
  return {
    config: configText(one),
    request: { method, path, authority: one.authority ?? "gw.test", headers: Object.entries(headers), body: body ?? "" },
    route: one.route ?? "r0",
    cluster: one.cluster ?? "c0",
    reply: replyOfCase(one),
  };
}

/** The same for reading: the configuration as YAML, JSON bodies on several lines. */
export function readableSetup(one: Case): Setup {
  const setup = setupOfCase(one);
  const config = typeof one.config === "string" ? one.config : stringify(one.config, { lineWidth: 110 });
  return {
    ...setup,
    config,
    request: { ...setup.request, body: spread(setup.request.body) },
    reply: { ...setup.reply, body: isStream(one) ? setup.reply.body : spread(setup.reply.body) },
  };
}

function spread(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
