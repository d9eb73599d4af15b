// The list of models, answered in the provider's place (`models: configured`), or joined with the provider's own (`both`).

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ModelNames } from "../config/model-names";
import { HeaderMapType } from "../host/abi";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import * as credentials from "../http/credentials";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { decoded } from "../http/path";
import { queryStart } from "../http/url";
import { Api } from "../model/api";
import { Dialect } from "../provider/provider";
import { Upstream } from "../provider/upstream";
import { keepCaller } from "./admit";
import { Arrival } from "./arrival";
import { Gate } from "./gate";
import { ModelMerge, firstNotBefore, writeList, writeModel } from "./model-writer";
import { refuseModel, respondLocally } from "./refuse";
import { RequestHead } from "./request-head";

/** The largest pages that Anthropic and Google give (their API references, Nov 2026): the gateway makes the client's pages itself. */
const MODELS: View = View.utf8("/v1/models");
const ANTHROPIC_MODELS: View = View.utf8("/v1/models?limit=1000");
const GEMINI_MODELS: View = View.utf8("/v1beta/models?pageSize=1000");

/** Where the path goes on behind `/models`, 0 for another one; and whether it is that of Gemini's own API. */
@final
class ListPath {
  end: i32 = 0;
  isBeta: bool = false;

  constructor(path: View) {
    for (let at = 0; at < path.length && this.end == 0; at++) {
      if (!path.startsWithAt(at, "/models") || (at + 7 < path.length && path.at(at + 7) != Ascii.Slash)) continue;
      this.isBeta = path.startsWithAt(at - 7, "/v1beta") || path.startsWithAt(at - 8, "/v1alpha");
      if (at == 0 || this.isBeta || path.startsWithAt(at - 3, "/v1") || path.startsWithAt(at - 7, "/openai")) this.end = at + 7;
    }
  }
}

/** True for a request for the list, or for one model of it. */
export function asksForModels(head: RequestHead): bool {
  return head.method.equals("GET") && new ListPath(head.path.slice(0, queryStart(head.path))).end > 0;
}

/**
 * Answers such a request of a consumer that was let in. False: it is to go to `upstream`, the provider of a request without a model, whose
 * list then joins the configuration's; null for none. `gate`: who may ask that.
 */
export function answerModels(arrival: Arrival, head: RequestHead, gate: Gate, upstream: Upstream | null): bool {
  const config = arrival.plugin;
  keepCaller(arrival, head);
  const question = queryStart(head.path);
  const path = new ListPath(head.path.slice(0, question));
  const query = head.path.slice(question + 1, head.path.length);
  const isGoogles = (head.sentHeaders & (1 << credentials.X_GOOG_API_KEY)) != 0;
  const isAnthropics = head.hasAnthropicVersion || (head.sentHeaders & (1 << credentials.X_API_KEY)) != 0;
  const shape = path.isBeta ? Api.GeminiGenerate : isAnthropics ? Api.Messages : isGoogles ? Api.GeminiGenerate : Api.Models;
  const route = config.needsRoute ? attributes.routeName().copy() : View.empty();
  const cluster = config.needsCluster ? attributes.clusterName().copy() : View.empty();
  const finder = new ModelNames(config, route, head.authority.copy(), cluster, head.consumer.copy(), arrival.caller);
  const models = finder.list();
  const id = decoded(head.path.slice(path.end + 1, question));
  arrival.api = id.length != 0 ? Api.RetrieveModel : Api.Models;
  const canAsk = !isDefined(CORE_BUILD) && config.mergesModels && upstream !== null && gate.allows(head.consumer);
  const place = canAsk ? finder.placeOf(View.empty()) : 0;
  const out = new Buffer(1024);
  if (id.length == 0) {
    if (!isDefined(CORE_BUILD) && canAsk && upstream !== null && askFor(upstream, head)) {
      arrival.merge = new ModelMerge(shape, query.copy(), models, finder, place, upstream.row.type);
      return false;
    }
    writeList(models, shape, query, out);
  } else {
    const index = firstNotBefore(models, id);
    if (index == models.length || !models[index].name.sameAs(id)) {
      if (!isDefined(CORE_BUILD) && canAsk && finder.isAt(id, place)) return false;
      refuseModel(arrival, id, shape);
      return true;
    }
    writeModel(models[index], shape, out);
  }
  respondLocally(arrival, out, new HeaderList(), "models");
  return true;
}

/** Makes the request one for the provider's whole list; false when it has none. */
function askFor(upstream: Upstream, head: RequestHead): bool {
  const isGemini = upstream.dialect == Dialect.Gemini && !upstream.serves(Api.Models);
  if (!isGemini && !upstream.serves(Api.Models)) return false;
  head.path = isGemini ? GEMINI_MODELS : upstream.dialect == Dialect.Anthropic ? ANTHROPIC_MODELS : MODELS;
  host.replaceHeader(HeaderMapType.RequestHeaders, names.PATH, head.path);
  return true;
}
