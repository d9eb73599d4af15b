// Header and property names as bytes, made once.

import { View } from "../bytes/view";

export const METHOD: View = View.utf8(":method");
export const SCHEME: View = View.utf8(":scheme");
export const PATH: View = View.utf8(":path");
export const AUTHORITY: View = View.utf8(":authority");
export const STATUS: View = View.utf8(":status");
export const CONTENT_TYPE: View = View.utf8("content-type");
export const CONTENT_LENGTH: View = View.utf8("content-length");
export const CONTENT_ENCODING: View = View.utf8("content-encoding");
export const ACCEPT: View = View.utf8("accept");
export const AUTHORIZATION: View = View.utf8("authorization");
export const API_KEY: View = View.utf8("api-key");
export const X_API_KEY: View = View.utf8("x-api-key");
export const X_GOOG_API_KEY: View = View.utf8("x-goog-api-key");
export const ANTHROPIC_VERSION: View = View.utf8("anthropic-version");
export const ANTHROPIC_BETA: View = View.utf8("anthropic-beta");
export const CONVERSATION_ID: View = View.utf8("conversationid");
export const RETRY_AFTER: View = View.utf8("retry-after");
export const WEBSOCKET_EXTENSIONS: View = View.utf8("sec-websocket-extensions");
export const WEBSOCKET_PROTOCOL: View = View.utf8("sec-websocket-protocol");
export const X_MSE_CONSUMER: View = View.utf8("x-mse-consumer");
export const X_AMZ_DATE: View = View.utf8("x-amz-date");
export const X_AMZ_CONTENT_SHA256: View = View.utf8("x-amz-content-sha256");
export const X_AMZ_SECURITY_TOKEN: View = View.utf8("x-amz-security-token");
export const FIRST_BYTE_TIMEOUT: View = View.utf8("x-envoy-upstream-rq-first-byte-timeout-ms");

export const APPLICATION_JSON: View = View.utf8("application/json");
export const EVENT_STREAM: View = View.utf8("text/event-stream");
export const EVENT_STREAM_UTF8: View = View.utf8("text/event-stream; charset=utf-8");

export const DECODER_BUFFER_LIMIT: View = View.utf8("set_decoder_buffer_limit");
export const ENCODER_BUFFER_LIMIT: View = View.utf8("set_encoder_buffer_limit");
export const AI_LOG: View = View.utf8("ai_log");

export const GET: View = View.utf8("GET");
export const POST: View = View.utf8("POST");
export const HTTP: View = View.utf8("http");
export const HTTPS: View = View.utf8("https");
export const SLASH: View = View.utf8("/");
export const FORM: View = View.utf8("application/x-www-form-urlencoded");
