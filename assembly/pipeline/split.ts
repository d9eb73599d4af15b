// Which side of a split a request takes.

import { View } from "../bytes/view";
import { Side, Split, SplitBy } from "../config/split";
import { HeaderWalker } from "../http/header-block";
import { hash64 } from "../limit/limit";
import { mixed, nextRandom } from "../provider/token-pool";
import { Arrival } from "./arrival";
import { publishSplit } from "./publish";
import { RequestHead } from "./request-head";

/** The same side for the same sender on every gateway; one by chance for who is not known. `head.consumer` must be the admitted one. */
export function sideOf(split: Split, head: RequestHead, block: View): Side {
  if (split.sides.length == 1) return split.sides[0];
  const sender = senderOf(split, head, block);
  return split.at(sender.length != 0 ? mixed(hash64(sender)) : nextRandom());
}

/** Notes the side, and publishes it. */
export function takeSide(arrival: Arrival, side: Side): void {
  arrival.side = side;
  publishSplit(arrival);
}

function senderOf(split: Split, head: RequestHead, block: View): View {
  if (split.by == SplitBy.Consumer) return head.consumer;
  if (split.by == SplitBy.Session) return head.session;
  return split.by == SplitBy.Header ? headerIn(block, split.header) : View.empty();
}

/** The value of a header, empty without one; `name` in lower case. */
export function headerIn(block: View, name: View): View {
  const walker = new HeaderWalker(block);
  while (walker.next()) if (walker.nameLength == name.length && block.hasAt(walker.nameStart, name)) return walker.value();
  return View.empty();
}
