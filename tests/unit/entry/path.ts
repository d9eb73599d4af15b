// What tests/unit/path.test.ts and tests/unit/sdk-paths.test.ts ask of paths.

import "../../../assembly/host/abort";
import { View } from "../../../assembly/bytes/view";
import { decoded, isPlainPath, pathProblem, readAs } from "../../../assembly/http/path";
import { apiLabel } from "../../../assembly/model/api";
import { matchApi } from "../../../assembly/model/match";

export function api(path: ArrayBuffer): ArrayBuffer {
  return String.UTF8.encode(apiLabel(matchApi(View.of(path)).api));
}

/** What stands in the path for the model or the first id. */
export function id(path: ArrayBuffer): ArrayBuffer {
  const view = View.of(path);
  const match = matchApi(view);
  return String.UTF8.encode(view.slice(match.idStart, match.idEnd).toString());
}

export function isPlain(path: ArrayBuffer): bool {
  return isPlainPath(View.of(path));
}

export function problem(path: ArrayBuffer): ArrayBuffer {
  return String.UTF8.encode(pathProblem(View.of(path)));
}

export function lenient(path: ArrayBuffer): ArrayBuffer {
  return String.UTF8.encode(readAs(View.of(path)).toString());
}

export function decode(text: ArrayBuffer): ArrayBuffer {
  return String.UTF8.encode(decoded(View.of(text)).toString());
}
