// Which API a path is for: the part after the last `/v1`, a method of a model in the path, or an API's path where no `/v1` stands.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { decoded } from "../http/path";
import { API_COUNT, Api, apiPattern } from "./api";

/** Where an API stands in a path. */
@final
export class ApiMatch {
  api: Api = Api.Unknown;
  /** Index of the first byte after `/v1`, so that `path[suffixStart…]` is the API's own part; 0 when unknown. */
  suffixStart: i32 = 0;
  /** Spans of the first two `*` segments, for placeholders in configured paths; the first is the model where the path names one. */
  idStart: i32 = 0;
  idEnd: i32 = 0;
  secondIdStart: i32 = 0;
  secondIdEnd: i32 = 0;
}

/**
 * Which API `path` (without query) is for. Any prefix may stand before `/v1`. Where there is no `/v1`, as with clients whose base URL
 * lacks it, the path is the API's own, or ends in a path that no other API has (`/chat/completions`, not `/messages`, which threads have).
 */
export function matchApi(path: View): ApiMatch {
  const match = new ApiMatch();
  // Before the patterns: /v1/models/<model>:generateContent is no model's entry in the list.
  if (path.indexOf(Ascii.Colon) >= 0 && matchMethod(path, match)) return match;
  let hasVersion = false;
  // The last "/v1/" decides, so that a prefix that holds /v1/ itself does no harm.
  for (let at = path.length - 4; at >= 0; at--) {
    if (path.at(at) != Ascii.Slash || !path.startsWithAt(at, "/v1/")) continue;
    hasVersion = true;
    if (matchBelow(path, at + 3, false, match)) return match;
  }
  for (let at = 0; at < path.length && !hasVersion; at++) {
    if (path.at(at) == Ascii.Slash && matchBelow(path, at, !standsFirst(path, at), match)) return match;
  }
  return match;
}

/** The deployment that the path of an Azure client names before the API's part, which begins at `suffixStart`; empty without one. */
export function deploymentOf(path: View, suffixStart: i32): View {
  let slash = suffixStart - 1;
  while (slash > 0 && path.at(slash) != Ascii.Slash) slash--;
  return path.startsWithAt(slash - 12, "/deployments") ? decoded(path.slice(slash + 1, suffixStart)) : View.empty();
}

/** Fills `match` when an API's path begins at `start` and ends with `path`; with `tellingOnly` one that can stand anywhere. */
export function matchBelow(path: View, start: i32, tellingOnly: bool, match: ApiMatch): bool {
  for (let api = 1; api <= API_COUNT; api++) {
    const pattern = apiPattern(api);
    if (pattern.charCodeAt(0) != Ascii.Slash || (tellingOnly && !isTelling(pattern)) || !fits(path, start, pattern, match)) continue;
    match.api = api;
    match.suffixStart = start;
    return true;
  }
  return false;
}

/** It is told by more than its last word, so that anything may stand before it. */
function isTelling(pattern: string): bool {
  return !pattern.includes("*") && pattern.lastIndexOf("/") > 0;
}

/**
 * True when an API without `/v1` may begin at `at`: at the start, or below what Azure's (`/openai/deployments/<name>`) and other clients
 * of OpenAI's API put before it.
 */
function standsFirst(path: View, at: i32): bool {
  if (at == 0 || path.startsWithAt(at - 7, "/openai")) return true;
  let slash = at - 1;
  while (slash > 0 && path.at(slash) != Ascii.Slash) slash--;
  return path.startsWithAt(slash - 12, "/deployments");
}

function fits(path: View, start: i32, pattern: string, match: ApiMatch): bool {
  let here = start;
  let ids = 0;
  for (let k = 0; k < pattern.length; k++) {
    const wanted = pattern.charCodeAt(k);
    if (wanted != Ascii.Asterisk) {
      if (path.at(here) != wanted) return false;
      here++;
      continue;
    }
    const idStart = here;
    while (here < path.length && path.at(here) != Ascii.Slash) here++;
    if (here == idStart) return false;
    if (ids == 0) {
      match.idStart = idStart;
      match.idEnd = here;
    } else {
      match.secondIdStart = idStart;
      match.secondIdEnd = here;
    }
    ids++;
  }
  return here == path.length;
}

/** Google's own form: `…/models/{model}:generateContent`, or another method. A tuned model's name holds its collection. */
function matchMethod(path: View, match: ApiMatch): bool {
  for (let api = 1; api <= API_COUNT; api++) {
    const method = apiPattern(api);
    if (method.charCodeAt(0) != Ascii.Colon || !path.endsWith(method)) continue;
    for (let at = 0; at < path.length; at++) {
      if (path.at(at) != Ascii.Slash) continue;
      const isTuned = path.startsWithAt(at, "/tunedModels/");
      if (!isTuned && !path.startsWithAt(at, "/models/")) continue;
      match.api = api;
      match.suffixStart = at;
      match.idStart = isTuned ? at + 1 : at + 8;
      match.idEnd = path.length - method.length;
      return true;
    }
  }
  return false;
}
