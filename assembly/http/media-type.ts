// Which media type a content-type header names (RFC 9110 section 8.3).

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { onlyParameter } from "./parameters";

/** `application/json`, `application/vnd.x+json`, with or without parameters; an absent type counts as JSON. */
export function isJsonType(contentType: View): bool {
  if (contentType.length == 0) return true;
  let start = 0;
  while (isBlank(contentType.at(start))) start++;
  const semicolon = contentType.indexOf(Ascii.Semicolon);
  let end = semicolon < 0 ? contentType.length : semicolon;
  while (end > start && isBlank(contentType.at(end - 1))) end--;
  if (!contentType.hasIgnoringCase(start, end, "application/")) return false;
  return (end - start == 16 && contentType.hasIgnoringCase(start + 12, end, "json")) || contentType.hasIgnoringCase(end - 5, end, "+json");
}

function isBlank(byte: i32): bool {
  return byte == Ascii.Space || byte == Ascii.Tab;
}

/** True for a content type `multipart/form-data`. */
export function isMultipartType(contentType: View): bool {
  return contentType.startsWithIgnoreCase("multipart/form-data");
}

/** The multipart boundary; empty without one, and when there are two. */
export function boundaryOf(contentType: View): View {
  return onlyParameter(contentType, "boundary");
}
