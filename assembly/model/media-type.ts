// Media types as they are registered: clients send other names of the same types, and most providers refuse those.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** Names in use, each followed by the registered one (IANA's media types; Gemini's "Unsupported MIME type: image/jpg", Nov 2026). */
const ALIASES: StaticArray<string> = [
  "image/jpg",
  "image/jpeg",
  "image/pjpeg",
  "image/jpeg",
  "image/x-png",
  "image/png",
  "audio/x-wav",
  "audio/wav",
  "audio/wave",
  "audio/wav",
  "audio/x-flac",
  "audio/flac",
  "application/x-pdf",
  "application/pdf",
];

/** The registered name of the type `given`, which may be spelt with `\/`; itself when it is no alias. */
export function registeredType(given: View): View {
  for (let k = 0; k + 1 < ALIASES.length; k += 2) if (isType(given, ALIASES[k])) return View.utf8(ALIASES[k + 1]);
  return given;
}

/** True when `given` is the type `name`, letters in any case and the slash escaped or not, as in the inside of a JSON string. */
export function isType(given: View, name: string): bool {
  if (given.length == name.length) return given.equalsIgnoreCase(name);
  const slash = given.indexOf(Ascii.Backslash);
  if (slash < 0 || given.length != name.length + 1 || name.charCodeAt(slash) != Ascii.Slash) return false;
  return (
    given.slice(0, slash).equalsIgnoreCase(name.substring(0, slash)) &&
    given.slice(slash + 1, given.length).equalsIgnoreCase(name.substring(slash))
  );
}
