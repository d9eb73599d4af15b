// Google's access token for one service account, fetched through a service of the gateway.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { Settings } from "../config/settings";
import { ServiceAccount } from "../dialect/to-vertex/google-jwt";
import { GoogleToken } from "../dialect/to-vertex/google-token";
import { LogLevel } from "../host/abi";
import * as host from "../host/host";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { Url } from "../http/url";
import { TokenFetch } from "./side-fetch";

@final
export class GoogleAccess extends TokenFetch {
  private account: ServiceAccount;
  private token: GoogleToken;

  /** `timeoutMs` limits the call to the token endpoint. */
  constructor(
    root: u32,
    private settings: Settings,
    private timeoutMs: i32,
  ) {
    super(root);
    this.account = new ServiceAccount(settings.secret(ProviderField.VERTEX_AUTH_KEY));
    this.token = new GoogleToken(settings.integer(ProviderField.VERTEX_TOKEN_REFRESH_AHEAD));
  }

  isUsable(now: i64): bool {
    return this.token.isValid(now);
  }

  isFresh(now: i64): bool {
    return this.token.isFresh(now);
  }

  start(now: i64): i32 {
    const form = new Buffer(1024);
    if (!this.account.writeTokenForm(now, form)) {
      host.log(LogLevel.Error, "ai-proxy: " + this.account.problem);
      return -1;
    }
    const url = Url.parse(this.account.tokenUri);
    const headers = new HeaderList()
      .add(names.METHOD, names.POST)
      .add(names.PATH, url.path.length != 0 ? url.path : names.SLASH)
      .add(names.AUTHORITY, url.host)
      .add(names.SCHEME, names.HTTPS)
      .add(names.CONTENT_TYPE, names.FORM);
    const call = this.send(this.settings.text(ProviderField.VERTEX_AUTH_SERVICE_NAME), 443, headers, form.toView(), this.timeoutMs);
    if (call < 0) host.log(LogLevel.Error, "ai-proxy: vertexAuthServiceName names no cluster of this gateway");
    return call;
  }

  take(status: i32, body: View, now: i64): void {
    if (this.token.take(status, body, now)) return;
    host.log(LogLevel.Error, "ai-proxy: no access token from Google: " + this.token.problem.toString());
  }

  /** Appends the value of the header authorization. */
  writeInto(out: Buffer): void {
    this.token.writeInto(out);
  }
}
