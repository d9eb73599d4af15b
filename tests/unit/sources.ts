// The sources of assembly/ as syntax trees: their imports, exports and functions, for tests/unit/architecture.test.ts.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ASSEMBLY = resolve(dirname(fileURLToPath(import.meta.url)), "../../assembly");

export interface Source {
  /** Path below assembly/, with slashes. */
  name: string;
  text: string;
  tree: ts.SourceFile;
}

/** Every file of assembly/. AssemblyScript is parsed as TypeScript, which reads its decorators of functions, too. */
export function readSources(): Source[] {
  return readdirSync(ASSEMBLY, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const text = readFileSync(join(ASSEMBLY, name), "utf8");
      return { name, text, tree: ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true) };
    });
}

export const folderOf = (name: string) => (name.includes("/") ? name.split("/")[0] : "");

export const linesOf = (text: string) => text.trimEnd().split("\n").length;

/** The file that `specifier`, as written in `source`, means: its path below assembly/. */
export function importedFile(source: Source, specifier: string): string {
  return relative(ASSEMBLY, resolve(ASSEMBLY, dirname(source.name), specifier)) + ".ts";
}

/** Functions and methods with the lines that they take, comments before them not counted. */
export function functionsOf(source: Source): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node) => {
    if (
      (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isConstructorDeclaration(node)) &&
      node.body
    ) {
      const name = node.name?.getText() ?? "constructor";
      found.push({ name: `${source.name} ${name}`, lines: linesOf(node.getText()) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return found;
}

const isExported = (node: ts.Statement) =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);

/** Names that a file exports, those that it passes on from another file among them. */
export function exportsOf(source: Source): string[] {
  return source.tree.statements.flatMap((node) => {
    if (ts.isExportDeclaration(node)) {
      return node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements.map(({ name }) => name.text) : [];
    }
    if (!isExported(node)) return [];
    if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
    return [(node as ts.DeclarationStatement).name!.getText()];
  });
}

/** What a file imports of others, as `file name`. */
export function importsOf(source: Source): string[] {
  return source.tree.statements.flatMap((node) => {
    if (!(ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) || !node.moduleSpecifier) return [];
    const file = importedFile(source, (node.moduleSpecifier as ts.StringLiteral).text);
    const clause = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
    if (!clause) return [];
    if (ts.isNamespaceImport(clause)) return membersOf(source.tree, clause.name.text).map((name) => `${file} ${name}`);
    if (ts.isNamespaceExport(clause)) return [];
    return clause.elements.map((element) => `${file} ${(element.propertyName ?? element.name).text}`);
  });
}

/** The names that follow `alias.` in the file. */
function membersOf(tree: ts.SourceFile, alias: string): string[] {
  const names = new Set<string>();
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === alias) names.add(node.name.text);
    if (ts.isQualifiedName(node) && node.left.getText() === alias) names.add(node.right.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...names];
}
