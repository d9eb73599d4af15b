// The model that a request names, for rules that ask for it: read before anybody knows who will serve the request, and as those read it who
// do (target.ts, web-socket.ts, body-model.ts, multipart-body.ts).

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { boundaryOf, isJsonType, isMultipartType } from "../http/media-type";
import { decoded } from "../http/path";
import { parameterOf, queryStart } from "../http/url";
import { Api, hasJsonModel, hasMultipartModel, hasPathModel, needsModel } from "../model/api";
import { ModelMapping } from "../model/mapping";
import { deploymentOf, matchApi } from "../model/match";
import { replaceMultipartModel } from "../model/multipart";
import { RequestScan } from "../provider/request-scan";
import { Arrival } from "./arrival";
import { refuseMemory } from "./body-size";
import { raiseRequestLimit } from "./buffer-limit";
import { Failure } from "./failure";
import { fits } from "./held";
import { refuseEncoding } from "./readable";
import { refuse, refuseJson, refuseModel, refuseModelless } from "./refuse";
import { RequestHead } from "./request-head";
import { MAX_MODEL } from "./target";

/** Where a request names its model. */
const enum Place {
  /** In its path, its query, or nowhere. */
  Head,
  Json,
  Form,
}

export const MODEL_MISTAKE: string = "The field model must be a string of at most 1024 bytes, and its name in lower case.";

/** One body is read at a time: that of the request whose callback runs. */
export const scan: RequestScan = new RequestScan();
const UNMAPPED: ModelMapping = ModelMapping.empty();

/** The model of the request whose headers have been read; one at a time. */
@final
class ClientModel {
  private place: Place = Place.Head;
  private size: i32 = 0;
  private isRead: bool = false;
  api: Api = Api.Unknown;
  /** What the request's head tells; empty when it names no model. Valid as long as the head. */
  ofHead: View = View.empty();
  /** What is known of it. */
  private model: View = View.empty();

  /** Reads it of the head, empty for none; null when the body tells it. `endOfStream`: there is no body. */
  read(head: RequestHead, endOfStream: bool): View | null {
    const question = queryStart(head.path);
    const path = head.path.slice(0, question);
    const match = matchApi(path);
    this.api = match.api;
    this.place = Place.Head;
    this.isRead = false;
    this.ofHead = View.empty();
    if (head.isWebSocket) {
      if (match.api == Api.Realtime) this.ofHead = parameterOf(head.path.slice(question + 1, head.path.length), "model");
    } else if (hasPathModel(match.api)) this.ofHead = decoded(path.slice(match.idStart, match.idEnd));
    else {
      if (!endOfStream && head.canHaveBody) this.place = placeIn(match.api, head.contentType);
      if (hasJsonModel(match.api) || hasMultipartModel(match.api)) this.ofHead = deploymentOf(path, match.suffixStart);
    }
    if (this.ofHead.length > MAX_MODEL) this.ofHead = View.empty();
    this.model = this.ofHead;
    return this.isInBody ? null : this.ofHead;
  }

  /** The body must be there before it is known. */
  private get isInBody(): bool {
    return this.place != Place.Head;
  }

  /** The body must be there, and was not read yet. */
  get isAwaited(): bool {
    return this.isInBody && !this.isRead;
  }

  /** The model, once it is known; empty for none. */
  get named(): View {
    return this.model;
  }

  /** Reads it of the request's body; valid as long as that. Null: it can be read in several ways, and the request was refused. */
  ofBody(arrival: Arrival, body: View, contentType: View): View | null {
    const model = this.place == Place.Form ? this.ofForm(arrival, body, boundaryOf(contentType)) : this.ofJson(arrival, body);
    if (model !== null) this.model = model;
    this.size = body.length;
    this.isRead = true;
    return model;
  }

  /** The request names a model, or is nothing without one. */
  get isWanted(): bool {
    return this.model.length != 0 || needsModel(this.api);
  }

  /** For the log. */
  keepIn(arrival: Arrival): void {
    if (arrival.plugin.models !== null && this.model.length != 0) arrival.clientModel = this.model.copy();
  }

  /** No rule takes the request. */
  refuse(arrival: Arrival): void {
    if (this.model.length != 0) refuseModel(arrival, this.model, arrival.api);
    else if (this.place == Place.Json && scan.isBroken) refuseJson(arrival, scan, this.size);
    else refuseModelless(arrival);
  }

  /** Nothing is kept of a request when its callback ends. */
  forget(): void {
    scan.reset(View.empty());
    this.ofHead = View.empty();
    this.model = View.empty();
  }

  /** A body that is none is left to those who know what it should be. */
  private ofJson(arrival: Arrival, body: View): View | null {
    scan.reset(body);
    const isObject = scan.readWithin(i64.MAX_VALUE);
    if (isObject && (scan.badModel || scan.models > 1 || scan.model.length > MAX_MODEL)) {
      const message = scan.models > 1 ? "The field model must stand in the body once." : MODEL_MISTAKE;
      refuse(arrival, Failure.InvalidRequest, message, "model");
      return null;
    }
    return isObject && scan.model.length != 0 ? scan.model : this.ofHead;
  }

  private ofForm(arrival: Arrival, body: View, boundary: View): View | null {
    const found = replaceMultipartModel(body, boundary, UNMAPPED, false, false, this.ofHead, new Buffer(0));
    if (found.problem.length == 0) return found.clientModel;
    refuse(arrival, Failure.InvalidRequest, "The multipart body cannot be read: " + found.problem + ".", "");
    return null;
  }
}

export const clientModel: ClientModel = new ClientModel();

/** Holds a request until its body is there. False: it was refused. */
export function awaitBody(arrival: Arrival, head: RequestHead): bool {
  arrival.holdsHeaders = true;
  arrival.headBytes = head.bytes;
  if (head.isEncoded) refuseEncoding(arrival, head);
  else if (head.contentLength > 0 && !fits(arrival, head.contentLength)) refuseMemory(arrival, head.contentLength);
  else raiseRequestLimit(head.contentLength, arrival.plugin.maxHeldBytes);
  return !arrival.rejected;
}

function placeIn(api: Api, contentType: View): Place {
  if (hasMultipartModel(api)) return isMultipartType(contentType) ? Place.Form : Place.Json;
  return hasJsonModel(api) || (api == Api.Unknown && isJsonType(contentType)) ? Place.Json : Place.Head;
}
