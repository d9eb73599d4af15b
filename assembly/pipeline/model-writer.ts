// Lists of models as OpenAI's, Anthropic's and Gemini's clients read them: of names that the configuration knows, and of a provider's own
// list that they join (`models: both`).

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ModelName, ModelNames, sorted } from "../config/model-names";
import { decoded } from "../http/path";
import { parameterOf } from "../http/url";
import { validUtf8 } from "../json/code-point";
import { JsonDocument, NONE } from "../json/document";
import { writeInner, writeString } from "../json/text";
import { Api } from "../model/api";

/** The API whose form a client reads: Models for OpenAI's, Messages, GeminiGenerate. */
type Shape = Api;

/** The index of the first name that does not stand before `name`. */
export function firstNotBefore(models: Array<ModelName>, name: View): i32 {
  let index = 0;
  while (index < models.length && models[index].isBefore(name)) index++;
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
export function writeList(models: Array<ModelName>, shape: Shape, query: View, out: Buffer): void {
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

/** A model of which nothing but the name is known has the time of the epoch, as Anthropic has it for such models. */
export function writeModel(model: ModelName, shape: Shape, out: Buffer): void {
  const name = validUtf8(model.name);
  if (model.raw.length != 0) {
    out.view(model.raw);
    return;
  }
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

/** A list that waits for the provider's, to be joined with it. */
@final
export class ModelMerge {
  /** `query` is the client's; `known` are the names of the configuration, which `names` has found, and `place` is the request's rule. */
  constructor(
    private shape: Shape,
    private query: View,
    private known: Array<ModelName>,
    private names: ModelNames,
    private place: i32,
    private owner: string,
  ) {}

  /** The configuration knows no name, so that an error of the provider's is all that there is to tell. */
  get isEmpty(): bool {
    return this.known.length == 0;
  }

  /** Writes the list of both; false for a body that is no list of models. */
  write(body: View, out: Buffer): bool {
    const doc = new JsonDocument();
    if (!doc.parse(body)) return false;
    const isGemini = doc.isArray(doc.root("models"));
    const list = isGemini ? doc.root("models") : doc.isArray(0) ? 0 : doc.root("data");
    if (!doc.isArray(list)) return false;
    const found: Array<ModelName> = [];
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      let name = doc.textOf(item, isGemini ? "name" : "id");
      if (isGemini && name.startsWith("models/")) name = name.slice(7, name.length);
      if (name.length == 0 || !this.names.isAt(name, this.place)) continue;
      const model = new ModelName(name, this.owner);
      const shape: Shape = isGemini ? Api.GeminiGenerate : doc.memberIs(item, "type", "model") ? Api.Messages : Api.Models;
      if (shape == this.shape) model.raw = doc.raw(item);
      found.push(model);
    }
    writeList(sorted(found.concat(this.known)), this.shape, this.query, out);
    return true;
  }

  /** Writes what the configuration alone knows. */
  writeKnown(out: Buffer): void {
    writeList(this.known, this.shape, this.query, out);
  }
}
