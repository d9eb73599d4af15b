// Texts with their number of tokens, counted once by gpt-tokenizer 3 (o200k_base: GPT-4o and later; cl100k_base: GPT-4).
export const TEXTS: { name: string; o200k: number; cl100k: number; text: string }[] = [
  {
    name: "English prose",
    o200k: 82,
    cl100k: 82,
    text: "The gateway keeps the request until the model in it is known. Then it writes the provider's own headers, sends the changed body on, and counts the tokens of the answer while its bytes pass. Nothing of a stream is held back, because a reader who waits for the first word notices every delay. When a provider fails, the next request takes another key, and the failing one rests for a minute.",
  },
  {
    name: "a chat answer with Markdown",
    o200k: 76,
    cl100k: 77,
    text: "Sure! Here's a quick recipe for pancakes:\n\n1. Mix 200 g flour, 2 eggs and 300 ml milk.\n2. Let the batter rest for 20 minutes.\n3. Fry thin pancakes in a little butter, about 2 minutes on each side.\n\n**Tip:** add a pinch of salt and a spoon of sugar. Would you like a vegan version?",
  },
  {
    name: "TypeScript",
    o200k: 102,
    cl100k: 101,
    text: "export function sum(values: number[]): number {\n  let total = 0;\n  for (const value of values) {\n    if (Number.isNaN(value)) continue; // Holes count for nothing.\n    total += value;\n  }\n  return total;\n}\n\nclass Cache<K, V> {\n  private readonly entries = new Map<K, V>();\n\n  constructor(private readonly limit: number) {}\n\n  get(key: K): V | undefined {\n    return this.entries.get(key);\n  }\n}\n",
  },
  {
    name: "JSON",
    o200k: 53,
    cl100k: 52,
    text: '{"id":"call_1","name":"get_weather","arguments":{"city":"Berlin","unit":"celsius","days":[1,2,3],"detailed":true,"note":null},"limits":{"min":-12.5,"max":40}}',
  },
  {
    name: "a Markdown table",
    o200k: 79,
    cl100k: 79,
    text: "| setting | without it |\n| --- | --- |\n| `timeout: 0s` | the default of 15 s would cut every long stream |\n| `failure_policy` | after a trap the worker would answer 503 for ever |\n\n## Next steps\n\n- Read **the manual** first.\n- Then run `make test` and look at [the report](report.md).\n",
  },
  {
    name: "Chinese",
    o200k: 89,
    cl100k: 122,
    text: "网关在读到模型名称之前会保留请求,随后写入服务商自己的请求头,转发修改后的请求体,并在响应经过时统计令牌数。流式响应不会被缓存,因为等待第一个字的读者会注意到每一次延迟。当某个服务商失败时,下一个请求会使用另一个密钥,而失败的密钥会休息一分钟。",
  },
  {
    name: "Japanese",
    o200k: 90,
    cl100k: 123,
    text: "ゲートウェイはモデル名が分かるまでリクエストを保持し、その後プロバイダーのヘッダーを書き込み、変更した本文を送信します。応答のバイトが通過する間にトークンを数えます。最初の言葉を待つ読者は遅延にすぐ気づくため、ストリームは保持されません。",
  },
  {
    name: "Korean",
    o200k: 72,
    cl100k: 125,
    text: "게이트웨이는 모델 이름을 알 때까지 요청을 보관한 다음 제공자의 헤더를 쓰고 변경된 본문을 보냅니다. 응답 바이트가 지나가는 동안 토큰을 셉니다. 첫 단어를 기다리는 독자는 모든 지연을 알아차리기 때문에 스트림은 보관되지 않습니다.",
  },
  {
    name: "Russian",
    o200k: 70,
    cl100k: 108,
    text: "Шлюз удерживает запрос, пока не станет известна модель. Затем он записывает заголовки поставщика, отправляет изменённое тело и считает токены ответа, пока проходят его байты. Ничего из потока не задерживается, потому что читатель, который ждёт первого слова, замечает каждую задержку.",
  },
  {
    name: "German",
    o200k: 71,
    cl100k: 85,
    text: "Das Gateway hält die Anfrage, bis das Modell bekannt ist. Danach schreibt es die Kopfzeilen des Anbieters, schickt den geänderten Körper weiter und zählt die Token der Antwort, während ihre Bytes vorbeikommen. Nichts von einem Strom wird zurückgehalten, denn wer auf das erste Wort wartet, bemerkt jede Verzögerung.",
  },
  {
    name: "Arabic",
    o200k: 68,
    cl100k: 152,
    text: "تحتفظ البوابة بالطلب حتى يصبح اسم النموذج معروفا، ثم تكتب ترويسات المزود الخاصة وترسل النص المعدل وتحسب رموز الإجابة أثناء مرور بايتاتها. لا يتم حجز أي شيء من التدفق لأن القارئ الذي ينتظر الكلمة الأولى يلاحظ كل تأخير.",
  },
  {
    name: "rows of numbers",
    o200k: 206,
    cl100k: 206,
    text: "0,0\n7919,47.29\n15838,94.58\n23757,41.87\n31676,89.16\n39595,36.45\n47514,83.74\n55433,31.03\n63352,78.32\n71271,25.61\n79190,72.9\n87109,20.19\n95028,67.48\n2947,14.77\n10866,62.06\n18785,9.35\n26704,56.64\n34623,3.93\n42542,51.22\n50461,98.51\n58380,45.8\n66299,93.09\n74218,40.38\n82137,87.67\n90056,34.96\n97975,82.25\n5894,29.54\n13813,76.83\n21732,24.12\n29651,71.41",
  },
  { name: "emoji", o200k: 21, cl100k: 27, text: "👍🎉 great job! 🚀🚀🚀 すごい 😀😃😄" },
];
