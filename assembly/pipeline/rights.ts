// What a consumer may use (`consumers[].models`), asked before anything of its request leaves.

import { View } from "../bytes/view";
import { takesDefaultModel } from "../model/api";
import { tookTooLong } from "../model/mapping";
import { Arrival } from "./arrival";
import { clientModel } from "./client-model";
import { Failure } from "./failure";
import { refuse, refuseUndecided, shownModel } from "./refuse";
import { RequestHead } from "./request-head";

/**
 * The caller may use the model that the request names (clientModel, which must know it). False: refused. Which model a request gets that
 * names none is known later, when it goes to a provider (`isExchange`). A body of which nobody can tell is for those who may use all.
 */
export function mayUseNamed(arrival: Arrival, head: RequestHead, endOfStream: bool, isExchange: bool): bool {
  const model = clientModel.named;
  if (model.length != 0) {
    if (mayUse(arrival, model)) return true;
    arrival.clientModel = model.copy();
    return false;
  }
  if ((endOfStream || !head.canHaveBody) && !head.isWebSocket) return true;
  if (isExchange && takesDefaultModel(clientModel.api)) {
    arrival.owesRight = true;
    return true;
  }
  return mayUse(arrival, model);
}

/** The caller may use the model; an empty one stands for any. False: refused. */
export function mayUse(arrival: Arrival, model: View): bool {
  if (arrival.caller.mayUse(model)) return true;
  if (tookTooLong()) {
    refuseUndecided(arrival);
    return false;
  }
  const what = model.length != 0 ? "the model" + shownModel(model) : "requests that name none";
  const message = "This API key may not be used for " + what + ". GET /v1/models lists the models.";
  refuse(arrival, Failure.ModelNotAllowed, message, "model");
  return false;
}
