// Which translator an exchange needs: decided by the client's API and the provider's dialect.

import { Upstream } from "../provider/upstream";
import { Exchange } from "./exchange";

/** Sets the exchange's translator when the provider serves the API through another dialect; false when it cannot. */
export function startTranslation(exchange: Exchange, upstream: Upstream): bool {
  return false;
}
