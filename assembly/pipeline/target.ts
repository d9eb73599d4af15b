// The request's target: split, judged as the provider will read it, and its API found.

import { LastCopy } from "../bytes/last-copy";
import { lowered } from "../bytes/lowered";
import { View } from "../bytes/view";
import { TASK_TYPE, videoApi } from "../dialect/to-kling/translator";
import { decoded, isPlainPath, pathProblem, readAs } from "../http/path";
import { isBelow, queryStart, trimSlashes, withoutParameter } from "../http/url";
import { Api, apiLabel, hasPathModel } from "../model/api";
import { ApiMatch, deploymentOf, matchApi } from "../model/match";
import { AuthScheme } from "../provider/provider";
import { Upstream } from "../provider/upstream";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse } from "./refuse";

/** Bytes of a model's name: longer ones name no model and must not reach maps, paths and logs. */
export const MAX_MODEL: i32 = 1024;

const targets: LastCopy = new LastCopy();

/** Splits the target, removes basePath and finds the API. False: the path can be read in two ways, and the request was refused. */
export function readTarget(exchange: Exchange, sent: View): bool {
  const upstream = exchange.upstream;
  const config = upstream.config;
  const target = targets.of(sent);
  exchange.target = target;
  const question = queryStart(target);
  exchange.query = target.slice(question + 1, target.length);
  // Google's clients may send their key in the query; it is a credential like those in headers.
  if (upstream.authScheme == AuthScheme.GoogApiKey) exchange.query = withoutParameter(exchange.query, "key");
  const path = target.slice(0, question);
  exchange.path = config.basePathPrepend ? path : withoutBase(path, config.basePath);
  exchange.match = findApi(upstream, exchange.path);
  exchange.api = exchange.match.api;
  exchange.deployment = deploymentOf(exchange.path, exchange.match.suffixStart);
  if (!isDefined(CORE_BUILD) && exchange.api == Api.RetrieveVideo && upstream.hasOwnForm(Api.Videos)) {
    exchange.api = videoApi(exchange.path, exchange.match, exchange.query);
    exchange.query = withoutParameter(exchange.query, TASK_TYPE);
  }
  if (!isPlainPath(path) || exchange.api == Api.Unknown) return acceptUnusual(exchange);
  return !hasPathModel(exchange.api) || readPathModel(exchange);
}

function findApi(upstream: Upstream, path: View): ApiMatch {
  const match = matchApi(path);
  if (match.api == Api.Unknown) upstream.findOwnApi(path, match);
  return match;
}

/** The path below `base`; itself when it is not below it. */
function withoutBase(path: View, base: View): View {
  const prefix = trimSlashes(base);
  if (prefix.length == 0 || !isBelow(path, prefix)) return path;
  return path.length == prefix.length ? View.utf8("/") : path.slice(prefix.length, path.length);
}

/** An unusual path passes if a lenient server reads no other API in it than we do, and nothing else in it can be read otherwise. */
function acceptUnusual(exchange: Exchange): bool {
  const upstream = exchange.upstream;
  const problem = pathProblem(exchange.path);
  const reading = readAs(exchange.path);
  let lenient = findApi(upstream, reading).api;
  // Some servers (Azure's among them) do not look at the case.
  if (lenient == Api.Unknown) lenient = findApi(upstream, lowered(reading)).api;
  if (problem.length == 0 && (lenient == Api.Unknown || lenient == exchange.api))
    return !hasPathModel(exchange.api) || readPathModel(exchange);
  // The error has the shape of the API that the client meant.
  if (lenient != Api.Unknown) exchange.api = lenient;
  const what =
    problem.length != 0
      ? "The path holds " + problem + "."
      : "The path is not that of " + apiLabel(lenient) + ", but some servers read it so.";
  refuse(
    exchange,
    Failure.InvalidPath,
    what + " Write it plainly, without a slash at its end, or let Envoy normalise paths before it chooses the route.",
    "",
  );
  return false;
}

/** Google's own APIs name the model in the path. */
function readPathModel(exchange: Exchange): bool {
  const match = exchange.match;
  exchange.clientModel = decoded(exchange.path.slice(match.idStart, match.idEnd));
  if (exchange.clientModel.length == 0 || exchange.clientModel.length > MAX_MODEL) {
    exchange.clientModel = View.empty();
    refuse(exchange, Failure.InvalidRequest, "The path must name a model of at most 1024 bytes.", "model");
    return false;
  }
  exchange.upstreamModel = exchange.mapping.map(exchange.clientModel);
  exchange.wantsStream = exchange.api == Api.GeminiStreamGenerate || exchange.api == Api.VertexStreamRawPredict;
  return true;
}
