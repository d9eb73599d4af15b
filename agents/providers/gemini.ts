// Gemini's generateContent, at Google AI Studio or Vertex: the first call of a turn is signed, and results follow upon their calls.
import { Provider, sse, type Json, type Reading, type Reply, type Spoken } from "../provider";

/** Stands for a signature that is not at hand (https://ai.google.dev/gemini-api/docs/thought-signatures, Nov 2026). */
const NO_SEAL = "skip_thought_signature_validator";

export class GeminiProvider extends Provider {
  protected read(body: Json, path: string): Reading {
    const reading: Reading = { tools: [], results: [], seals: [], images: [], isStream: path.includes("streamGenerateContent") };
    this.check(/\/models\/[^/:]+:(streamG|g)enerateContent/.test(path), `Gemini was called at ${path}`);
    this.check(Array.isArray(body.contents) && body.contents.length > 0, "contents are missing");
    for (const tool of body.tools ?? []) {
      for (const one of tool.functionDeclarations ?? tool.function_declarations ?? []) {
        const schema = one.parametersJsonSchema ?? one.parameters_json_schema ?? one.parameters;
        this.check(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/.test(one.name), `the name ${one.name} is not allowed`);
        if (one.parameters)
          this.check(!JSON.stringify(one.parameters).includes("$schema"), `parameters of ${one.name} are no OpenAPI schema`);
        // A function without parameters has no schema there.
        reading.tools.push({ name: one.name, schema: schema ?? { properties: {} } });
      }
    }
    let calls = 0;
    for (const { role, parts } of body.contents ?? []) {
      this.check(role === "user" || role === "model", `the role ${role} does not exist`);
      this.check(Array.isArray(parts) && parts.length > 0, "a content has no parts");
      const results = (parts as Json[]).filter((part) => part.functionResponse ?? part.function_response);
      if (role === "user" && calls > 0) this.check(results.length === calls, `${calls} calls have ${results.length} results`);
      if (role === "user") calls = 0;
      for (const part of parts as Json[]) {
        const seal = part.thoughtSignature ?? part.thought_signature;
        if (seal !== undefined && seal !== "" && seal !== NO_SEAL) reading.seals.push(String(seal));
        if (part.functionCall ?? part.function_call) calls++;
        const result = part.functionResponse ?? part.function_response;
        if (result) {
          this.check(typeof result.response === "object" && !Array.isArray(result.response), "a result is no object");
          // The calls of this provider have no ids; an agent may make its own.
          reading.results.push({ id: "", text: JSON.stringify(result.response) });
        }
        const data = part.inlineData ?? part.inline_data;
        if (data) reading.images.push(data.data);
      }
    }
    return reading;
  }

  protected write({ thinking, seal, text, calls }: Spoken, isStream: boolean): Reply {
    const parts: Json[] = [];
    if (thinking) parts.push({ text: thinking, thought: true });
    if (text) parts.push({ text });
    calls.forEach((call, index) => {
      const signed = index === 0 && seal ? { thoughtSignature: seal } : {};
      parts.push({ functionCall: { name: call.name, args: JSON.parse(call.arguments) as object }, ...signed });
    });
    const body = {
      candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 },
      modelVersion: "m",
      responseId: `r${this.requests}`,
    };
    if (!isStream) return { status: 200, type: "application/json", body: JSON.stringify(body) };
    return { status: 200, type: "text/event-stream", body: sse([body]) };
  }

  protected failure(status: number): Reply {
    const body = { error: { code: status, message: "The model is overloaded.", status: "UNAVAILABLE" } };
    return { status, type: "application/json", body: JSON.stringify(body) };
  }
}
