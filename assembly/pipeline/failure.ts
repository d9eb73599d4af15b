// What can go wrong in an exchange, and how the client is told: one closed list, mapped here and nowhere else to status,
// OpenAI error type and code, and the name that logs and metrics use.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { writeInner } from "../json/text";

export const enum Failure {
  None,
  /** The request body is not valid JSON. */
  InvalidJson,
  /** A field of the request is missing or cannot be used. */
  InvalidRequest,
  MissingModel,
  /** No rule takes the model. */
  ModelNotFound,
  /** The path could be read in two ways. */
  InvalidPath,
  /** A content-encoding keeps the body from being read. */
  UnsupportedEncoding,
  /** The path names an API that the provider does not have. */
  UnsupportedApi,
  RequestTooLarge,
  /** WebSocket sessions of this API are not served (`webSockets`). */
  WebSocketRefused,
  /** No consumer's key was sent. */
  InvalidApiKey,
  /** The consumer's key is no longer valid (`expires`). */
  KeyExpired,
  /** The consumer is not in the rule's `allow`, or may not use the model. */
  ConsumerNotAllowed,
  ModelNotAllowed,
  /** A limit of requests, of tokens or of cost is used up. */
  RequestLimit,
  TokenLimit,
  CostLimit,
  /** The gateway's rate limit service did not answer, and Envoy is told to refuse then. */
  LimiterUnavailable,
  /** The matching rule of the plugin configuration is not valid. */
  Misconfigured,
  /** With the provider's path and host Envoy would send the request to another cluster (route-guard.ts). */
  RouteChanged,
  /** The upstream could not be reached or cut the connection. */
  UpstreamUnreachable,
  UpstreamUnavailable,
  UpstreamTimeout,
  /** The access token or the context file that the request needs could not be fetched. */
  NoAccessToken,
  NoContextFile,
  /** Envoy's attempts at the request have used all tokens of the provider. */
  NoTokenLeft,
  /** The exchanges of this worker hold as much memory as they may (held.ts). */
  MemoryLimit,
  /** Envoy kept the body of the request to itself (withheld.ts). */
  BodyWithheld,
  /** The upstream's response could not be understood. */
  BadUpstreamResponse,
  Internal,
}

export function failureStatus(failure: Failure): i32 {
  switch (failure) {
    case Failure.InvalidJson:
    case Failure.InvalidRequest:
    case Failure.MissingModel:
    case Failure.InvalidPath:
      return 400;
    case Failure.UnsupportedEncoding:
      return 415;
    case Failure.UnsupportedApi:
    case Failure.ModelNotFound:
      return 404;
    case Failure.RequestTooLarge:
      return 413;
    case Failure.WebSocketRefused:
      return 426;
    case Failure.InvalidApiKey:
    case Failure.KeyExpired:
      return 401;
    case Failure.ConsumerNotAllowed:
    case Failure.ModelNotAllowed:
      return 403;
    case Failure.RequestLimit:
    case Failure.TokenLimit:
    case Failure.CostLimit:
      return 429;
    case Failure.UpstreamUnreachable:
    case Failure.BadUpstreamResponse:
      return 502;
    case Failure.LimiterUnavailable:
    case Failure.UpstreamUnavailable:
    case Failure.NoAccessToken:
    case Failure.NoContextFile:
    case Failure.NoTokenLeft:
    case Failure.MemoryLimit:
      return 503;
    case Failure.UpstreamTimeout:
      return 504;
    default:
      return 500;
  }
}

/** OpenAI's `error.type`; for limits it says what is limited (OpenAI's responses, 2026-11). */
function failureType(failure: Failure): string {
  if (failure == Failure.RequestLimit) return "requests";
  if (failure == Failure.TokenLimit) return "tokens";
  if (failure == Failure.CostLimit) return "cost";
  const status = failureStatus(failure);
  if (status < 500) return "invalid_request_error";
  return status == 500 || failure == Failure.MemoryLimit ? "server_error" : "upstream_error";
}

/** `error.code`, the local reply's detail and the log's reason: stable, part of the public interface. */
export function failureCode(failure: Failure): string {
  switch (failure) {
    case Failure.InvalidJson:
      return "invalid_json";
    case Failure.InvalidRequest:
      return "invalid_request";
    case Failure.MissingModel:
      return "missing_model";
    case Failure.ModelNotFound:
      return "model_not_found";
    case Failure.InvalidPath:
      return "invalid_path";
    case Failure.UnsupportedEncoding:
      return "unsupported_content_encoding";
    case Failure.UnsupportedApi:
      return "unsupported_api";
    case Failure.RequestTooLarge:
      return "request_too_large";
    case Failure.WebSocketRefused:
      return "websocket_not_served";
    case Failure.InvalidApiKey:
      return "invalid_api_key";
    case Failure.ConsumerNotAllowed:
      return "consumer_not_allowed";
    case Failure.KeyExpired:
      return "api_key_expired";
    case Failure.ModelNotAllowed:
      return "model_not_allowed";
    case Failure.RequestLimit:
    case Failure.TokenLimit:
      return "rate_limit_exceeded";
    case Failure.CostLimit:
      return "budget_exceeded";
    case Failure.LimiterUnavailable:
      return "rate_limiter_unavailable";
    case Failure.Misconfigured:
      return "invalid_configuration";
    case Failure.RouteChanged:
      return "route_changed";
    default:
      return innerFailureCode(failure);
  }
}

/** The same for what is not the request's fault. */
function innerFailureCode(failure: Failure): string {
  switch (failure) {
    case Failure.UpstreamUnreachable:
      return "upstream_unreachable";
    case Failure.UpstreamUnavailable:
      return "upstream_unavailable";
    case Failure.UpstreamTimeout:
      return "upstream_timeout";
    case Failure.NoAccessToken:
      return "no_access_token";
    case Failure.NoContextFile:
      return "no_context_file";
    case Failure.NoTokenLeft:
      return "no_token_left";
    case Failure.MemoryLimit:
      return "memory_limit_reached";
    case Failure.BodyWithheld:
      return "body_withheld";
    case Failure.BadUpstreamResponse:
      return "bad_upstream_response";
    default:
      return "internal_error";
  }
}

/** Writes an OpenAI error object. `param` may be "". No part of a prompt may be in `message`. */
export function writeFailure(out: Buffer, failure: Failure, message: string, param: string): void {
  out.ascii('{"error":{"message":"');
  writeInner(out, View.utf8(message));
  out.ascii('","type":"');
  out.ascii(failureType(failure));
  out.ascii('","param":');
  if (param.length != 0) {
    out.byte(Ascii.Quote);
    writeInner(out, View.utf8(param));
    out.byte(Ascii.Quote);
  } else out.ascii("null");
  out.ascii(',"code":"');
  out.ascii(failureCode(failure));
  out.ascii('"}}');
}

/** A limit's refusal, be it this plugin's or that of Envoy's own filter: nothing has left for the provider. */
export function isLimitRefusal(failure: Failure): bool {
  return failure >= Failure.RequestLimit && failure <= Failure.LimiterUnavailable;
}

/** The failure that Envoy's own response stands for, by its response code details; None for other filters' responses. */
export function failureOfDetails(details: View): Failure {
  if (details.startsWithOneOf("upstream_reset_ upstream_response_")) {
    return Failure.UpstreamUnreachable;
  }
  if (details.startsWith("connection_failure")) return Failure.UpstreamUnreachable;
  if (details.startsWithOneOf("no_healthy_upstream overflow")) return Failure.UpstreamUnavailable;
  if (details.startsWithOneOf("cluster_not_found maintenance_mode")) return Failure.UpstreamUnavailable;
  if (
    details.startsWithOneOf(
      "response_timeout upstream_per_try_timeout upstream_max_stream_duration_reached stream_idle_timeout request_overall_timeout",
    )
  ) {
    return Failure.UpstreamTimeout;
  }
  if (details.startsWith("request_payload_too_large")) return Failure.RequestTooLarge;
  // Envoy's filter for limits over several gateways.
  if (details.startsWith("request_rate_limited")) return Failure.RequestLimit;
  if (details.startsWith("rate_limiter_error")) return Failure.LimiterUnavailable;
  return Failure.None;
}

/** What to tell the client of a failure that Envoy reported. */
export function describeUpstreamFailure(failure: Failure): string {
  switch (failure) {
    case Failure.RequestLimit:
    case Failure.TokenLimit:
      return "Rate limit reached. The header retry-after says when to try again.";
    case Failure.CostLimit:
      return "Budget used up. The header retry-after says when it begins anew.";
    case Failure.LimiterUnavailable:
      return "The gateway could not check your rate limits. Try again later.";
    case Failure.UpstreamUnreachable:
      return "The model provider closed the connection or could not be reached before it answered. Try again.";
    case Failure.UpstreamUnavailable:
      return "No healthy model provider endpoint is available. Try again later.";
    case Failure.UpstreamTimeout:
      return "The model provider did not answer in time.";
    case Failure.BadUpstreamResponse:
      return "The model provider's answer could not be understood.";
    case Failure.BodyWithheld:
      return "The AI gateway never got the body of this request; its log says what to change.";
    case Failure.MemoryLimit:
      return "The gateway holds as much of other requests and answers as it may (maxHeldBytes). Try again.";
    default:
      return "The request body is larger than the gateway buffers (per_connection_buffer_limit_bytes of the listener).";
  }
}
