// A URL of the operator's for a server that speaks OpenAI's API: the base of its APIs, or the whole path of one, which then says where
// the others are.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Url, appendQuery, isBelow, trimSlashes } from "../http/url";
import { Api, apiSuffix } from "../model/api";
import { ApiMatch, matchBelow } from "../model/match";

/** What a custom URL may end in, so that its base can be told from its API. The longest first. */
const URL_SUFFIXES: StaticArray<Api> = [
  Api.ChatCompletions,
  Api.Completions,
  Api.Embeddings,
  Api.ImageGeneration,
  Api.ImageEdit,
  Api.ImageVariation,
  Api.AudioSpeech,
  Api.AudioTranscription,
  Api.AudioTranslation,
  Api.Responses,
  Api.Models,
  Api.Realtime,
  Api.Videos,
  Api.FineTuningJobs,
  Api.Rerank,
  Api.Messages,
];

@final
export class CustomUrl {
  host: View;
  private query: View;
  /** What stands in place of `/v1`. A host alone names no base, and compatible servers have their APIs below /v1. */
  private base: View;
  /** The API that the URL names itself, at its path. */
  private api: Api = Api.Unknown;
  private path: View;

  constructor(text: View) {
    const url = Url.parse(text);
    const path = trimSlashes(url.path);
    this.host = url.host;
    this.query = url.query;
    this.path = path;
    this.base = path.length != 0 ? path : View.utf8("/v1");
    for (let k = 0; k < URL_SUFFIXES.length; k++) {
      const suffix = apiSuffix(URL_SUFFIXES[k]);
      if (!path.endsWith(suffix)) continue;
      this.api = URL_SUFFIXES[k];
      this.base = path.slice(0, path.length - suffix.length);
      break;
    }
  }

  /** Finds the API of a path below the URL's base; false when it is of none. */
  findApi(path: View, match: ApiMatch): bool {
    const base = this.base;
    return base.length != 0 && isBelow(path, base) && matchBelow(path, base.length, false, match);
  }

  /** Writes what stands before `/v1`. */
  writeRoot(out: Buffer): void {
    const base = this.base;
    out.view(base.endsWith("/v1") ? base.slice(0, base.length - 3) : base);
  }

  /** Writes the target of an API; `suffix` is the client's path after `/v1`, `query` its query. */
  writeTarget(out: Buffer, api: Api, suffix: View, query: View): void {
    if (api == this.api) out.view(this.path);
    else {
      out.view(this.base);
      out.view(suffix);
    }
    appendQuery(out, this.query);
    appendQuery(out, query);
  }
}
