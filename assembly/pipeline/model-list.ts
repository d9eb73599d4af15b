// The list of models, answered in the provider's place (`models: configured`), as OpenAI's, Anthropic's and Gemini's clients read it.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ModelName, ModelNames, compared } from "../config/model-names";
import * as attributes from "../host/attributes";
import * as credentials from "../http/credentials";
import { HeaderList } from "../http/header-list";
import { decoded } from "../http/path";
import { parameterOf, queryStart } from "../http/url";
import { validUtf8 } from "../json/code-point";
import { writeInner, writeString } from "../json/text";
import { Api } from "../model/api";
import { keepCaller } from "./admit";
import { Arrival } from "./arrival";
import { refuseModel, respondLocally } from "./refuse";
import { RequestHead } from "./request-head";

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

/** Answers such a request of a consumer that was let in. */
export function answerModels(arrival: Arrival, head: RequestHead): void {
  const config = arrival.plugin;
  keepCaller(arrival, head);
  const question = queryStart(head.path);
  const path = new ListPath(head.path.slice(0, question));
  const query = head.path.slice(question + 1, head.path.length);
  const isGoogles = (head.sentHeaders & (1 << credentials.X_GOOG_API_KEY)) != 0;
  const isAnthropics = head.hasAnthropicVersion || (head.sentHeaders & (1 << credentials.X_API_KEY)) != 0;
  const shape = path.isBeta ? Api.GeminiGenerate : isAnthropics ? Api.Messages : isGoogles ? Api.GeminiGenerate : Api.Models;
  const route = config.needsRoute ? attributes.routeName() : View.empty();
  const cluster = config.needsCluster ? attributes.clusterName() : View.empty();
  const models = new ModelNames(config, route, head.authority, cluster, head.consumer, arrival.caller).list();
  const id = decoded(head.path.slice(path.end + 1, question));
  arrival.api = id.length != 0 ? Api.RetrieveModel : Api.Models;
  const out = new Buffer(1024);
  if (id.length == 0) writeList(models, shape, query, out);
  else {
    const index = firstNotBefore(models, id);
    if (index == models.length || !models[index].name.sameAs(id)) {
      refuseModel(arrival, id, shape);
      return;
    }
    writeModel(models[index], shape, out);
  }
  respondLocally(arrival, out, new HeaderList(), "models");
}

/** The index of the first name that does not stand before `name`. */
function firstNotBefore(models: Array<ModelName>, name: View): i32 {
  let index = 0;
  while (index < models.length && compared(models[index].name, name) < 0) index++;
  return index;
}

/** The size of a page, at most 1000 with Anthropic and Gemini both (their API references, Nov 2026). */
function pageSize(query: View, name: string, usual: i32): i32 {
  const wanted = parameterOf(query, name).toInteger();
  return wanted > 0 ? <i32>min<i64>(wanted, 1000) : usual;
}

/**
 * Names are sorted, so that a page begins behind a name, or ends before it, also when that name has gone. OpenAI's list has no pages.
 */
function writeList(models: Array<ModelName>, shape: Api, query: View, out: Buffer): void {
  const isGemini = shape == Api.GeminiGenerate;
  const isPaged = shape != Api.Models;
  const size = isGemini ? pageSize(query, "pageSize", 50) : isPaged ? pageSize(query, "limit", 20) : models.length;
  const after = isPaged ? decoded(parameterOf(query, isGemini ? "pageToken" : "after_id")) : View.empty();
  const before = shape == Api.Messages ? decoded(parameterOf(query, "before_id")) : View.empty();
  let start = after.length != 0 ? firstNotBefore(models, after) : 0;
  if (after.length != 0 && start < models.length && models[start].name.sameAs(after)) start++;
  let end = before.length != 0 ? firstNotBefore(models, before) : models.length;
  const hasMore = end - start > size;
  if (hasMore && before.length != 0) start = end - size;
  else if (hasMore) end = start + size;
  out.ascii(isGemini ? '{"models":[' : isPaged ? '{"data":[' : '{"object":"list","data":[');
  for (let k = start; k < end; k++) {
    if (k > start) out.byte(Ascii.Comma);
    writeModel(models[k], shape, out);
  }
  out.byte(Ascii.RightBracket);
  if (isGemini && hasMore) writeName(',"nextPageToken":', models[end - 1].name, out);
  if (shape == Api.Messages) {
    out.ascii(hasMore ? ',"has_more":true' : ',"has_more":false');
    writeName(',"first_id":', start < end ? models[start].name : null, out);
    writeName(',"last_id":', start < end ? models[end - 1].name : null, out);
  }
  out.byte(Ascii.RightBrace);
}

function writeName(key: string, name: View | null, out: Buffer): void {
  out.ascii(key);
  if (name === null) out.ascii("null");
  else writeString(out, validUtf8(name));
}

/** Of a model nothing is known but its name: its time is that of the epoch, as Anthropic has it for such models. */
function writeModel(model: ModelName, shape: Api, out: Buffer): void {
  const name = validUtf8(model.name);
  if (shape == Api.GeminiGenerate) {
    out.ascii('{"name":"models/');
    writeInner(out, name);
    writeName('","displayName":', name, out);
    out.ascii(',"supportedGenerationMethods":["generateContent","countTokens"]}');
    return;
  }
  writeName('{"id":', name, out);
  if (shape == Api.Messages) {
    writeName(',"type":"model","display_name":', name, out);
    out.ascii(',"created_at":"1970-01-01T00:00:00Z"}');
    return;
  }
  out.ascii(',"object":"model","created":0,"owned_by":"');
  out.ascii(model.owner);
  out.ascii('"}');
}
