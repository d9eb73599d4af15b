// The providers of a configuration by their ids.

import { View } from "../bytes/view";
import { NONE } from "../json/document";
import { Place, quoted } from "./place";
import { ProviderSource, readSource } from "./provider-source";
import { ObjectReader } from "./reader";

/** Ids that a message names. */
const MAX_IDS: i32 = 20;

/** Providers by id. A provider that is wrong is in it too, so that its id is not reported as unknown. */
@final
export class Catalogue {
  private byId: Map<string, ProviderSource> = new Map<string, ProviderSource>();
  private ids: Array<string> = [];
  /** Entries, and those of them that are valid and have their id for themselves. */
  size: i32 = 0;
  sound: i32 = 0;

  /** False when the id is taken; the first keeps it, as in Higress. */
  add(provider: ProviderSource): bool {
    const id = provider.id.toString();
    if (id.length == 0) return true;
    if (this.byId.has(id)) return false;
    this.byId.set(id, provider);
    if (this.ids.length < MAX_IDS) this.ids.push(quoted(provider.id));
    return true;
  }

  find(id: View): ProviderSource | null {
    const name = id.toString();
    return this.byId.has(name) ? this.byId.get(name) : null;
  }

  /** For the message about an unknown id. */
  describe(): string {
    if (this.ids.length == 0) return "no provider has an id";
    return "known ids: " + this.ids.join(", ") + (this.byId.size > this.ids.length ? ", …" : "");
  }
}

/** Reads `providers`; `node` is NONE or a list. An entry that is wrong is isolated: the others serve. */
export function readCatalogue(reader: ObjectReader, node: i32, place: Place): Catalogue {
  const catalogue = new Catalogue();
  const doc = reader.doc;
  let index = 0;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    const at = place.item(index++);
    const mark = reader.report.mark();
    const provider = readSource(reader, item, at);
    catalogue.size++;
    if (reader.report.isolate(mark).length != 0) provider.wrongAt = at.toString();
    if (!catalogue.add(provider)) {
      const message = "the id " + quoted(provider.id) + " is used twice; the first provider with it counts";
      reader.report.warnOnce(at.toString(), at.at("id"), message);
    } else if (provider.wrongAt.length == 0) catalogue.sound++;
  }
  return catalogue;
}

/** The provider of a rule or of the top level: `provider` itself, or the catalogue's entry with the active id. */
export function chooseProvider(
  reader: ObjectReader,
  single: i32,
  activeId: View,
  catalogue: Catalogue,
  place: Place,
): ProviderSource | null {
  if (single != NONE) {
    if (activeId.length != 0) {
      reader.report.warnOnce("single/" + place.toString(), place.at("activeProviderId"), "has no effect, because provider is given");
    }
    return readSource(reader, single, place.at("provider"));
  }
  if (activeId.length == 0) return null;
  const provider = catalogue.find(activeId);
  const at = place.at("activeProviderId");
  if (provider === null) reader.report.problem(at, "no provider has the id " + quoted(activeId) + "; " + catalogue.describe());
  else if (provider.wrongAt.length != 0)
    reader.report.problem(at, "the provider " + quoted(activeId) + " is wrong, see " + provider.wrongAt);
  return provider;
}
