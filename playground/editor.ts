// A plain textarea with line numbers, which can mark lines and be taken to a place. The Tab key leaves it, as keyboards expect.
import { h } from "./dom";

export interface Mark {
  line: number;
  severity: "error" | "warning" | "note";
}

const MIN_LINES = 3;

export class Editor {
  private readonly gutter = h("div", { class: "gutter", "aria-hidden": "true" });
  private marks: Mark[] = [];

  /** Takes over a textarea of the page. */
  constructor(
    readonly area: HTMLTextAreaElement,
    private readonly maxLines: number,
    onInput: () => void,
  ) {
    const frame = h("div", { class: "editor" });
    area.replaceWith(frame);
    frame.append(this.gutter, area);
    area.addEventListener("input", () => {
      this.draw();
      onInput();
    });
    area.addEventListener("scroll", () => (this.gutter.scrollTop = area.scrollTop));
    this.draw();
  }

  get text(): string {
    return this.area.value;
  }

  set text(text: string) {
    this.area.value = text;
    this.draw();
  }

  mark(marks: Mark[]): void {
    this.marks = marks;
    this.area.setAttribute("aria-invalid", String(marks.some((one) => one.severity === "error")));
    this.draw();
  }

  /** Line and column count from 1. */
  goTo(line: number, column: number): void {
    const lines = this.text.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const rest = (lines[line - 1] ?? "").slice(column - 1);
    const size = /^["'\w./-]+/.exec(rest)?.[0].length ?? 0;
    this.area.focus();
    this.area.setSelectionRange(start + column - 1, start + column - 1 + size);
    const height = this.area.scrollHeight / Math.max(lines.length, 1);
    this.area.scrollTop = Math.max(0, (line - 4) * height);
  }

  private draw(): void {
    const count = this.text.split("\n").length;
    this.area.rows = Math.min(Math.max(count, MIN_LINES), this.maxLines);
    const numbers = Array.from({ length: count }, (_, index) => {
      const mark =
        this.marks.find((one) => one.line === index + 1 && one.severity === "error") ?? this.marks.find((one) => one.line === index + 1);
      return h("span", { class: mark?.severity }, String(index + 1));
    });
    this.gutter.replaceChildren(...numbers);
    this.gutter.scrollTop = this.area.scrollTop;
  }
}
