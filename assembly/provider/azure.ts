// Azure's URL forms (azureServiceUrl): resource only, resource and deployment, the base of an API without deployments, or the whole
// path of one.
// API references, read 2026-11: Azure OpenAI data plane, `/openai/deployments/{deployment}/…?api-version=…`; `/openai/v1/` needs no
// version;
// Azure AI model inference (Foundry), `/models/chat/completions?api-version=…`.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Url, appendQuery, appendSegment, trimSlashes } from "../http/url";
import { API_COUNT, Api, apiSuffix } from "../model/api";

const DEPLOYMENTS: string = "/openai/deployments/";

@final
export class AzureUrl {
  host: View;
  private query: View;
  /** The whole path of one API, used as it is; empty for the other forms. */
  private fullPath: View = View.empty();
  /** The API of it, Unknown when it is of none or below a deployment. */
  private fullApi: Api = Api.Unknown;
  /** The deployment in the URL; empty when the mapped model names it. */
  deployment: View = View.empty();
  /** `/openai/v1` and Foundry's `/models`, the forms without deployments. */
  private base: View = View.empty();

  constructor(text: View) {
    const url = Url.parse(text);
    this.host = url.host;
    this.query = url.query;
    const path = trimSlashes(url.path);
    if (path.startsWith(DEPLOYMENTS)) this.readDeployment(path);
    else if (path.endsWith("/models") || path.endsWith("/v1")) this.base = path;
    else if (!path.equals("/openai")) this.readWhole(path);
  }

  private readDeployment(path: View): void {
    const nameStart = DEPLOYMENTS.length;
    const slash = path.indexOf(Ascii.Slash, nameStart);
    this.deployment = path.slice(nameStart, slash < 0 ? path.length : slash);
    if (slash >= 0) this.fullPath = path;
  }

  /** The path of one API says where the others are; one that is of no known API is used for all. */
  private readWhole(path: View): void {
    this.fullPath = path;
    for (let api = 1; api <= API_COUNT; api++) {
      const suffix = apiSuffix(api);
      if (suffix.length == 0 || !path.endsWith(suffix)) continue;
      this.fullApi = api;
      const base = path.slice(0, path.length - suffix.length);
      if (!base.equals("/openai")) this.base = base;
      return;
    }
  }

  /** Foundry's `/models` has chat completions alone (Azure AI model inference, its REST reference, Nov 2026). */
  get hasResponses(): bool {
    return !this.base.endsWith("/models");
  }

  /** True when the deployment must come from the request's model. */
  get takesModel(): bool {
    return this.deployment.length == 0 && this.base.length == 0 && this.fullPath.length == 0;
  }

  /** True when the API's path needs a deployment that only the request's model can name. */
  wantsModel(api: Api): bool {
    return this.deployment.length == 0 && this.base.length == 0 && hasDeployment(api) && !this.isWhole(api);
  }

  /**
   * True when the body must not name the model, since the path's deployment does: images answer 400 "The model does not exist" (reported
   * 2026 by users of LiteLLM, BerriAI/litellm#26316). Other APIs do not look at it.
   */
  dropsModel(api: Api): bool {
    const isImage = api == Api.ImageGeneration || api == Api.ImageEdit || api == Api.ImageVariation;
    return isImage && (this.deployment.length != 0 || this.wantsModel(api));
  }

  /** Writes the target of an API; `suffix` is the client's path after `/v1`. */
  writeTarget(out: Buffer, api: Api, suffix: View, query: View, model: View): void {
    if (this.isWhole(api) || (this.deployment.length != 0 && endsWith(this.fullPath, suffix))) {
      out.view(this.fullPath);
    } else if (this.base.length != 0) {
      out.view(this.base);
      out.view(suffix);
    } else {
      if (hasDeployment(api)) {
        out.ascii(DEPLOYMENTS);
        if (this.deployment.length != 0) out.view(this.deployment);
        else appendSegment(out, model);
      } else out.ascii("/openai");
      out.view(suffix);
    }
    appendQuery(out, query);
    this.appendVersion(out);
  }

  /** The URL's path is the API's: that of it alone, or of an API that is not known. */
  private isWhole(api: Api): bool {
    return this.deployment.length == 0 && this.fullPath.length != 0 && (this.fullApi == Api.Unknown || this.fullApi == api);
  }

  /** Appends the URL's own query, api-version among it. */
  appendVersion(out: Buffer): void {
    appendQuery(out, this.query);
  }
}

function endsWith(path: View, suffix: View): bool {
  return path.hasAt(path.length - suffix.length, suffix);
}

/** APIs that Azure serves below a deployment; the others belong to the resource. */
function hasDeployment(api: Api): bool {
  switch (api) {
    case Api.ChatCompletions:
    case Api.Completions:
    case Api.Embeddings:
    case Api.AudioSpeech:
    case Api.AudioTranscription:
    case Api.AudioTranslation:
    case Api.ImageGeneration:
    case Api.ImageEdit:
    case Api.ImageVariation:
      return true;
    default:
      return false;
  }
}
