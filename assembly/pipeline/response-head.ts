// What the header phase needs of a response's headers, read in one walk.

import { View } from "../bytes/view";
import { HeaderWalker } from "../http/header-block";

const walker: HeaderWalker = new HeaderWalker(View.empty());
const only: ResponseHead = new ResponseHead();
const contentType: View = new View(0, 0);

/** read() gives the same object every time, so nothing may keep it. */
@final
export class ResponseHead {
  status: i32 = 0;
  contentType: View = View.empty();
  isEncoded: bool = false;
  hasLength: bool = false;
  /** Bytes that content-length declares, -1 without it. */
  length: i64 = -1;
  /** AWS's name of the error. */
  errorType: View = View.empty();
  retryAfter: View = View.empty();

  static read(block: View): ResponseHead {
    const head = only;
    head.clear();
    walker.reset(block);
    while (walker.next()) {
      if (walker.nameIs(":status")) head.status = <i32>walker.integer();
      else if (walker.nameIs("content-type")) {
        walker.aimAtValue(contentType);
        head.contentType = contentType;
      } else if (walker.nameIs("content-length")) {
        head.hasLength = true;
        head.length = walker.integer();
      } else if (walker.nameIs("x-amzn-errortype")) head.errorType = walker.value();
      else if (walker.nameIs("retry-after")) head.retryAfter = walker.value();
      else if (walker.nameIs("content-encoding")) head.isEncoded = !walker.value().equalsIgnoreCase("identity");
    }
    return head;
  }

  private clear(): void {
    this.status = 0;
    this.contentType = View.empty();
    this.isEncoded = false;
    this.hasLength = false;
    this.length = -1;
    this.errorType = View.empty();
    this.retryAfter = View.empty();
  }
}
