// The law of the round trip: what a provider says, translated to the client and sent back by that client in its next turn, reaches
// the provider with its own blocks, seals and ids, unchanged and in order. And so it does when another provider has spoken in between.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../dialects";
import { CLIENTS } from "../dialects/clients";
import { ASKED } from "../matrix/asked";
import { came, longer, passes, sender, wanted } from "./law";
import { PROVIDERS } from "./providers";

const RUNS = 25;
const RUNS_BETWEEN = 3;

/** Whether the client's stream is a stream, and whether the provider answers with one. */
const FORMS: [string, boolean, boolean][] = [
  ["whole", false, false],
  ["stream", true, true],
  ["whole for a stream", true, false],
];

/** A turn that holds nothing that the client's API can say leaves no turn. */
const told = (turn: Json) => [turn].filter((one) => one.length !== 0);

describe.each(CLIENTS)("the law of the round trip, $name clients", (client) => {
  const tools = ASKED.find(({ name }) => name === "tools")!.of[client.name]!.more;
  // OpenRouter serves the Responses API itself, as OpenAI does.
  const providers = PROVIDERS.filter(({ name }) => client.name !== "responses" || name !== "OpenRouter");

  describe.each(providers)("$name", (provider) => {
    // A whole body that passes stays one.
    const forms = FORMS.filter(([, wantsStream, isStream]) => !passes(client, provider) || wantsStream === isStream);
    it.each(forms)("%s: a turn comes back as it was", async (_form, wantsStream, isStream) => {
      const send = await sender(provider, client);
      fc.assert(
        fc.property(provider.blocks("A"), (turn) => {
          const { response } = send(client.body(wantsStream, tools), turn, wantsStream, isStream);
          const { sent } = send(client.next(response, tools), turn, false, false);
          expect(came(client, provider, sent)).toEqual(told(wanted(client, provider, turn)));
        }),
        { numRuns: RUNS },
      );
    });

    it.each(providers.filter((other) => other !== provider))("and after a turn of $name", async (other) => {
      const [send, sendOther] = [await sender(provider, client), await sender(other, client)];
      fc.assert(
        fc.property(provider.blocks("A"), other.blocks("B"), fc.boolean(), (turn, between, isStream) => {
          const start = client.body(isStream, tools);
          const one = longer(client, start, client.next(send(start, turn, isStream, isStream).response));
          const two = longer(client, one, client.next(sendOther(one, between, isStream, isStream).response));
          const { sent } = send(two, turn, isStream, isStream);
          const first = told(wanted(client, provider, turn));
          expect(came(client, provider, sent).slice(0, first.length)).toEqual(first);
        }),
        { numRuns: RUNS_BETWEEN },
      );
    });
  });
});
