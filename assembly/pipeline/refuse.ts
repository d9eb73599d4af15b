// Responses the client in place of the upstream.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import * as host from "../host/host";
import { JsonFault, describeFault } from "../json/cursor";
import { RequestScan } from "../provider/request-scan";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { Api, countedApi, hasJsonModel, hasPathModel } from "../model/api";
import { writeGoogleError } from "../dialect/from-gemini/error";
import { writeAnthropicError, writeThreadRefusal } from "../dialect/from-messages/error";
import { Arrival } from "./arrival";
import { Exchange } from "./exchange";
import { Failure, failureCode, failureStatus, writeFailure } from "./failure";
import { publishRefused } from "./publish";

/**
 * Sends the error response in the client's own shape, with `headers` beside its content type; the exchange takes no further part
 * in the request. `details` for Envoy's log, the failure's code by default.
 */
export function refuse(
  arrival: Arrival,
  failure: Failure,
  message: string,
  param: string,
  headers: HeaderList = new HeaderList(),
  details: string = failureCode(failure),
): void {
  const out = new Buffer(256);
  writeClientError(arrival.api, failure, message, param, out);
  respond(arrival, failure, out, headers, details);
}

/** Tells an Anthropic client to send its whole conversation. */
export function refuseThread(exchange: Exchange): void {
  const out = new Buffer(256);
  writeThreadRefusal(out);
  respond(exchange, Failure.InvalidRequest, out, new HeaderList(), failureCode(Failure.InvalidRequest));
}

export function refuseMisconfigured(arrival: Arrival): void {
  const message = "The AI gateway rule for this request is not valid; the gateway's log says what to change.";
  refuse(arrival, Failure.Misconfigured, message, "");
}

/** The expressions of modelMapping, or of rules, took too long over the name: to send it on could pass them by. */
export function refuseUndecided(exchange: Arrival): void {
  const message = "The name of the model takes too long to be matched against the gateway's expressions. Use a shorter name.";
  refuse(exchange, Failure.InvalidRequest, message, "model");
}

export function refuseUnread(arrival: Arrival): void {
  refuse(arrival, Failure.Internal, "The request body could not be read from the gateway.", "");
}

export function refuseModelless(exchange: Arrival): void {
  const message = "The request names no model. Send the field model, or configure provider.modelMapping with a '*' entry.";
  refuse(exchange, Failure.MissingModel, message, "model");
}

/** Bytes of a model's name that an error repeats. */
const MAX_SHOWN: i32 = 128;

/** Its name behind a space, in an error's message; nothing of a long one. */
export function shownModel(model: View): string {
  return model.length <= MAX_SHOWN ? " `" + model.toString() + "`" : "";
}

/** No rule takes the model. The message says where those are listed that one does. `shape`: the API whose errors the client reads. */
export function refuseModel(arrival: Arrival, model: View, shape: Api): void {
  const out = new Buffer(256);
  const message = "The model" + shownModel(model) + " does not exist here. GET /v1/models lists the models.";
  writeClientError(shape, Failure.ModelNotFound, message, "model", out);
  respond(arrival, Failure.ModelNotFound, out, new HeaderList(), failureCode(Failure.ModelNotFound));
}

/** An API that takes a body was called without one, or a translated one with a body that is no JSON. */
export function refuseEmpty(exchange: Arrival): void {
  const isJson = hasJsonModel(exchange.api) || hasPathModel(exchange.api);
  const message = isJson ? "a POST with a JSON body (content-type: application/json)." : "a POST with a multipart/form-data body.";
  refuse(exchange, Failure.InvalidRequest, "This API takes " + message, "");
}

/** A body of `size` bytes that `scan` could not read. Always false. */
export function refuseJson(exchange: Arrival, scan: RequestScan, size: i64): bool {
  if (scan.notObject) {
    refuse(exchange, Failure.InvalidJson, "The request body must be a JSON object.", "");
    return false;
  }
  if (size == 0) {
    refuseEmpty(exchange);
    return false;
  }
  const fault = scan.fault == JsonFault.None ? JsonFault.Truncated : scan.fault;
  refuse(
    exchange,
    Failure.InvalidJson,
    "The request body is not valid JSON: " + describeFault(fault) + " at byte " + scan.faultAt.toString() + ".",
    "",
  );
  return false;
}

function respond(arrival: Arrival, failure: Failure, body: Buffer, extra: HeaderList, details: string): void {
  arrival.failure = failure;
  arrival.rejected = true;
  arrival.endRequest();
  if (arrival.gate.published != 0) publishRefused(arrival);
  const headers = extra.add(names.CONTENT_TYPE, names.APPLICATION_JSON).write();
  const status = failure == Failure.None ? arrival.status : failureStatus(failure);
  host.sendLocalResponse(status, View.utf8("ai_proxy." + details), body.toView(), headers);
}

/** Answers in the provider's place, with status 200; `details` for Envoy's log. */
export function respondLocally(arrival: Arrival, body: Buffer, extra: HeaderList, details: string): void {
  arrival.status = 200;
  respond(arrival, Failure.None, body, extra, details);
}

/** Writes an error body as the client's API has it: Anthropic's, Gemini's, and OpenAI's for all else. */
export function writeClientError(api: Api, failure: Failure, message: string, param: string, out: Buffer): void {
  if (countedApi(api) == Api.Messages || api == Api.Complete) {
    writeAnthropicError(failureStatus(failure), message, out);
  } else if (hasPathModel(api)) {
    writeGoogleError(failureStatus(failure), message, out);
  } else writeFailure(out, failure, message, param);
}
