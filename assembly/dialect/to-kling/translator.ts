// OpenAI's video API over Kling's tasks: the body's image decides which of two services makes the video, and the task's id then tells
// which of them to ask for it (https://app.klingai.com/global/dev/document-api, and Higress's plugin 2.2.4, Nov 2026). The other members
// and the response are Kling's own.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE, JsonDocument } from "../../json/document";
import { passMember } from "../../json/member";
import { writeString } from "../../json/text";
import { parameterOf } from "../../http/url";
import { Api } from "../../model/api";
import { ApiMatch } from "../../model/match";
import { TranslateContext, Translator } from "../translator";

/** Members that hold an image. */
const IMAGES: string = "image image_url image_urls images image_tail image_tail_url input_image first_frame_image last_frame_image";
const TEXT_ID: string = "kling-t2v-";
const IMAGE_ID: string = "kling-i2v-";

@final
export class KlingTranslator extends Translator {
  private doc: JsonDocument = new JsonDocument();

  constructor(context: TranslateContext) {
    super(context);
    this.targetApi = Api.Videos;
  }

  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    out.ascii('{"model_name":');
    writeString(out, this.context.model);
    for (let member = doc.first(0); member != NONE; member = doc.next(member)) {
      if (doc.keyIn(member, IMAGES)) this.targetApi = Api.KlingImageToVideo;
      if (doc.keyIn(member, "model model_name")) continue;
      out.byte(Ascii.Comma);
      passMember(doc, member, out);
    }
    out.ascii("}");
    return true;
  }

  /** The paths are the row's. */
  path(_out: Buffer): void {}

  /** The response as it is; the ids in it get the service's mark in front. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const data = doc.get(doc.root("data"), "task_id");
    const top = doc.root("task_id");
    const isOrdered = doc.start(data) < doc.start(top);
    const at = this.mark(isOrdered ? data : top, 0, out);
    out.range(body, this.mark(isOrdered ? top : data, at, out), body.length);
    return true;
  }

  /** Writes the response from `from` to the text of `id`, and its mark; where it has come to. */
  private mark(id: i32, from: i32, out: Buffer): i32 {
    const doc = this.doc;
    if (!doc.isString(id)) return from;
    const text = doc.text(id);
    if (text.length == 0 || text.startsWith(TEXT_ID) || text.startsWith(IMAGE_ID)) return from;
    const start = doc.start(id) + 1;
    out.range(doc.view, from, start);
    out.ascii(this.targetApi == Api.Videos ? TEXT_ID : IMAGE_ID);
    return start;
  }

  event(_name: View, _data: View, _out: Buffer): void {}

  end(_out: Buffer): void {}

  error(_status: i32, body: View, out: Buffer): void {
    out.view(body);
  }
}

/** The query parameter with which a client says which service a task's id without a mark is of. */
export const TASK_TYPE: string = "kling_task_type";

/**
 * Which API of Kling a request is for that looks like OpenAI's for one video: the id's mark, which is cut from `match`, or `query` tells.
 * Kling's own paths for new tasks look so, too.
 */
export function videoApi(path: View, match: ApiMatch, query: View): Api {
  const id = path.slice(match.idStart, match.idEnd);
  if (id.isOneOf("text2video image2video")) return Api.Videos;
  const isImage = id.startsWith(IMAGE_ID);
  if (isImage || id.startsWith(TEXT_ID)) match.idStart += TEXT_ID.length;
  const type = parameterOf(query, TASK_TYPE);
  const saysImage = match.idEnd - match.idStart == id.length && (type.equalsIgnoreCase("image2video") || type.isOneOf("image i2v"));
  return isImage || saysImage ? Api.KlingRetrieveImageVideo : Api.RetrieveVideo;
}
