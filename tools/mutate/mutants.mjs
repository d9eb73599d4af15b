// Makes mutants of AssemblyScript sources. All of them stand in one text, each behind a test of the imported number `mutant`, so
// that one compilation serves them all: `a < b` becomes `(mutant == 7 ? a <= b : a < b)`.
import ts from "typescript";

const BINARY = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "===": [],
  "!==": [],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
  "&&": ["||"],
  "||": ["&&"],
  "+=": ["-="],
  "-=": ["+="],
  "|=": ["&="],
  "*=": ["/="],
};

/** Parts of a source that are no code which runs. */
const SKIPPED = new Set([
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.EnumDeclaration,
  ts.SyntaxKind.TypeReference,
  ts.SyntaxKind.Decorator,
]);

/** A condition on null tells the compiler a type: it must stand as it is. */
const isAboutNull = (text) => /\bnull\b/.test(text);

/** Plain truth values: what is compared or computed has mutants of its own. */
function isPlainCondition(node) {
  if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) return true;
  return ts.isIdentifier(node);
}

function isCondition(node) {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  if (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) return parent.condition === node;
  return ts.isBinaryExpression(parent) && ["&&", "||"].includes(parent.operatorToken.getText());
}

function numbersFor(text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return [];
  if (text.startsWith("0x")) return [`0x${(value + 1).toString(16)}`];
  return value === 0 ? ["1"] : [String(value + 1), String(value - 1)];
}

/** Texts that may stand in place of an expression. */
function alternatives(node) {
  const text = node.getText();
  if (ts.isNumericLiteral(node)) return numbersFor(text);
  if (ts.isStringLiteral(node)) return [text === '""' ? '"?"' : '""'];
  // The compiler must see that an endless loop has no end.
  if (node.kind === ts.SyntaxKind.TrueKeyword) return ts.isWhileStatement(node.parent) ? [] : ["false"];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return ["true"];
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText();
    if (isAboutNull(text) && (operator === "&&" || operator === "||")) return [];
    return (BINARY[operator] ?? []).map((other) => `${node.left.getText()} ${other} ${node.right.getText()}`);
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const operand = node.operand.getText();
    if (node.operator === ts.SyntaxKind.ExclamationToken || node.operator === ts.SyntaxKind.TildeToken) return [operand];
    if (node.operator === ts.SyntaxKind.PlusPlusToken) return [`--${operand}`];
    if (node.operator === ts.SyntaxKind.MinusMinusToken) return [`++${operand}`];
  }
  if (ts.isPostfixUnaryExpression(node)) return [node.operand.getText() + (text.endsWith("++") ? "--" : "++")];
  return isPlainCondition(node) && isCondition(node) ? [`!${text}`] : [];
}

function isDeletable(node) {
  if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) return true;
  if (ts.isReturnStatement(node)) return node.expression === undefined;
  // A constructor must set every field.
  if (ts.findAncestor(node, ts.isConstructorDeclaration)) return false;
  // A new object in a variable that may be null tells the compiler a type.
  return ts.isExpressionStatement(node) && !/^\w+ = new /.test(node.getText());
}

/**
 * @typedef {{ id: number, file: string, line: number, column: number, was: string, is: string }} Mutant
 *
 * The text of `file` with its mutants in it.
 * @param {string} file
 * @param {string} text
 * @param {(mutant: Omit<Mutant, "id">) => number} register gives a mutant its number; 0 leaves it out
 */
export function withMutants(file, text, register) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const add = (node, is) => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart());
    return register({ file, line: line + 1, column: character + 1, was: node.getText(), is });
  };
  const render = (node) => {
    if (SKIPPED.has(node.kind)) return node.getText();
    let out = "";
    let here = node.getStart();
    node.forEachChild((child) => {
      out += text.slice(here, child.getStart()) + render(child);
      here = child.getEnd();
    });
    out += text.slice(here, node.getEnd());
    if (isDeletable(node)) {
      const id = add(node, "");
      return id === 0 ? out : `{ if (mutant != ${id}) { ${out} } }`;
    }
    let before = "";
    for (const is of alternatives(node)) {
      const id = add(node, is);
      if (id !== 0) before += `mutant == ${id} ? ${is} : `;
    }
    return before === "" ? out : `(${before}${out})`;
  };
  return render(source);
}
