// `context`: a text file that joins every chat as a system message, fetched through a service of the gateway.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ContextConfig } from "../config/provider-config";
import { LogLevel } from "../host/abi";
import * as host from "../host/host";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { Url, appendQuery } from "../http/url";
import { validUtf8 } from "../json/code-point";
import { SideFetch } from "./side-fetch";

/** A file this old is fetched anew; meanwhile the old text is used. */
const FRESH_SECONDS: i64 = 600;
const MAX_FILE: i32 = 8 << 20;

@final
export class ContextFile extends SideFetch {
  /** The file's text, empty until it was fetched. Owned. */
  text: View = View.empty();
  private staleAt: i64 = 0;

  constructor(
    root: u32,
    private config: ContextConfig,
    private timeoutMs: i32,
  ) {
    super(root);
  }

  isUsable(_now: i64): bool {
    return this.text.length != 0;
  }

  isFresh(now: i64): bool {
    return now < this.staleAt;
  }

  start(_now: i64): i32 {
    const url = Url.parse(this.config.fileUrl);
    const path = new Buffer(128);
    path.view(url.path.length != 0 ? url.path : names.SLASH);
    appendQuery(path, url.query);
    const headers = new HeaderList()
      .add(names.METHOD, names.GET)
      .add(names.PATH, path.toView())
      .add(names.AUTHORITY, url.host)
      .add(names.SCHEME, this.config.fileUrl.startsWith("https") ? names.HTTPS : names.HTTP);
    const call = this.send(this.config.serviceName, this.config.servicePort, headers, View.empty(), this.timeoutMs);
    if (call < 0) host.log(LogLevel.Error, "ai-proxy: context.serviceName names no cluster of this gateway");
    return call;
  }

  take(status: i32, body: View, now: i64): void {
    if (status == 200 && body.length != 0 && body.length <= MAX_FILE) {
      // Other encodings would make the request's JSON invalid.
      this.text = validUtf8(body).copy();
      this.staleAt = now + FRESH_SECONDS;
      return;
    }
    host.log(LogLevel.Error, "ai-proxy: the context file was answered with status " + status.toString());
  }
}
