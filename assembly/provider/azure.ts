// Azure OpenAI's three URL forms (azureServiceUrl): resource only, resource and deployment, or the whole path of an API.
// API reference: Azure OpenAI data plane, `/openai/deployments/{deployment}/…?api-version=…`; `/openai/v1/` needs none.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Url, appendQuery, appendSegment, trimSlashes } from "../http/url";
import { Api } from "../model/api";

const DEPLOYMENTS: string = "/openai/deployments/";

@final
export class AzureUrl {
  host: View;
  private query: View;
  /** The whole path of one API, used as it is; empty for the other forms. */
  private fullPath: View = View.empty();
  /** The deployment in the URL; empty when the mapped model names it. */
  private deployment: View = View.empty();
  /** `/openai/v1`, the form without deployments. */
  private base: View = View.empty();

  constructor(text: View) {
    const url = Url.parse(text);
    this.host = url.host;
    this.query = url.query;
    const path = trimSlashes(url.path);
    if (path.equals("/openai/v1")) this.base = path;
    else if (path.startsWith(DEPLOYMENTS)) this.readDeployment(path);
    else if (!path.equals("/openai")) this.fullPath = path;
  }

  private readDeployment(path: View): void {
    const nameStart = DEPLOYMENTS.length;
    const slash = path.indexOf(0x2f, nameStart);
    this.deployment = path.slice(nameStart, slash < 0 ? path.length : slash);
    if (slash >= 0) this.fullPath = path;
  }

  /** True when the deployment must come from the request's model. */
  get takesModel(): bool {
    return this.deployment.length == 0 && this.base.length == 0 && this.fullPath.length == 0;
  }

  /** True when the API's path needs a deployment that only the request's model can name. */
  wantsModel(api: Api): bool {
    return this.takesModel && hasDeployment(api);
  }

  /** Writes the target of an API; `suffix` is the client's path after `/v1`. */
  writeTarget(out: Buffer, api: Api, suffix: View, query: View, model: View): void {
    if (this.fullPath.length > 0 && !this.isOtherApi(suffix)) {
      out.view(this.fullPath);
    } else if (this.base.length > 0) {
      out.view(this.base);
      out.view(suffix);
    } else {
      if (hasDeployment(api)) {
        out.ascii(DEPLOYMENTS);
        if (this.deployment.length > 0) out.view(this.deployment);
        else appendSegment(out, model);
      } else out.ascii("/openai");
      out.view(suffix);
    }
    appendQuery(out, query);
    this.appendVersion(out);
  }

  /** A full URL that names another API than the one asked for: its deployment is used, its path is not. */
  private isOtherApi(suffix: View): bool {
    return this.deployment.length > 0 && !endsWith(this.fullPath, suffix);
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
