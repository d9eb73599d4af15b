import "./host/abort";
import { JsonDocument } from "./json/document";
import { View } from "./bytes/view";
import { Translator } from "./dialect/translator";
export function u(): i32 { const c = new JsonDocument(); c.parse(View.utf8("{}")); return c.get(0, "a"); }
