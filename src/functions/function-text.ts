/**
 * Reads the text of one function: which expression makes it again elsewhere, and what it takes from outside of itself.
 * Pure, on text; it knows neither which names are globals nor what is refused.
 */
import type * as Acorn from "acorn";
import type { Node, Options } from "acorn";
import type * as EslintScope from "eslint-scope";
import { later } from "../load-later.ts";

const acorn = later<typeof Acorn>((require) => require("acorn"));
const eslintScope = later<typeof EslintScope>((require) => require("eslint-scope"));

/** What stands in a function's text. */
export interface FunctionText {
  readonly form: "arrow" | "function" | "method" | "getter" | "setter" | "class";
  /** An expression whose value is this function; for a getter, a setter or a class it is the text itself. */
  readonly expression: string;
  /** The names that it uses and does not define, in order of appearance. */
  readonly freeNames: readonly string[];
  /** What it takes from where it was written other than by name: `this`, `super`, `import.meta`, a relative import. */
  readonly outside: readonly string[];
}

interface Syntax extends Node {
  readonly [key: string]: unknown;
}

const options: Options = {
  ecmaVersion: "latest",
  sourceType: "script",
  ranges: true,
  // Accepted here so that each gets a text of its own instead of a parser's.
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
};
const strict = '"use strict";';

/** @throws SyntaxError when the text does not stand by itself, in strict mode. */
export function readFunctionText(text: string): FunctionText {
  const { form, expression } = recognise(text);
  if (form === "getter" || form === "setter" || form === "class")
    return { form, expression, freeNames: [], outside: [] };
  const program = acorn().parse(`${strict}(${expression})`, options);
  return { form, expression, freeNames: freeNamesOf(program), outside: outsideOf(functionIn(program), form) };
}

/** A function expression stands in parentheses; a method only in an object. */
function recognise(text: string): Pick<FunctionText, "form" | "expression"> {
  const asExpression = attempt(() => expressionOf(acorn().parse(`${strict}(${text})`, options)));
  if (asExpression instanceof Error) return recogniseMethod(text, asExpression);
  if (asExpression.type === "ClassExpression") return { form: "class", expression: text };
  return { form: asExpression.type === "ArrowFunctionExpression" ? "arrow" : "function", expression: text };
}

/** Methods get the plain key `m`, so that a computed one is not computed again. */
function recogniseMethod(text: string, asExpressionError: Error): Pick<FunctionText, "form" | "expression"> {
  const start = `${strict}({`;
  const object = attempt(() => expressionOf(acorn().parse(`${start}${text}})`, options)));
  // A method's mistake reads better from the second attempt; that of anything else, from the first.
  if (object instanceof Error) throw /^\s*(async\b|function\b|\(|[\w$]+\s*=>)/.test(text) ? asExpressionError : object;
  const [property] = object.properties as [Syntax & { value: Syntax; kind: string; method: boolean }];
  if (property.kind === "get") return { form: "getter", expression: text };
  if (property.kind === "set") return { form: "setter", expression: text };
  const { async, generator, start: valueStart } = property.value;
  const body = text.slice(valueStart - start.length);
  return { form: "method", expression: `({ ${async ? "async " : ""}${generator ? "*" : ""}m${body} }).m` };
}

function attempt<T>(action: () => T): T | SyntaxError {
  try {
    return action();
  } catch (error) {
    return error as SyntaxError;
  }
}

function expressionOf(program: Node): Syntax {
  const body = (program as Syntax).body as Syntax[];
  return (body[1] as Syntax).expression as Syntax;
}

/** The function's own node: the expression, or the value of a method in `({ m() {} }).m`. */
function functionIn(program: Node): Syntax {
  const expression = expressionOf(program);
  if (expression.type !== "MemberExpression") return expression;
  const [property] = (expression.object as Syntax).properties as [Syntax];
  return property.value as Syntax;
}

function freeNamesOf(program: Node): string[] {
  const scopes = eslintScope().analyze(program as unknown as Parameters<typeof EslintScope.analyze>[0], {
    ecmaVersion: 2022,
    sourceType: "script",
    // With it, one eval would make every name a free one.
    ignoreEval: true,
  });
  const names = scopes.globalScope?.through.map((reference) => reference.identifier.name as string) ?? [];
  return [...new Set(names)];
}

/** An arrow takes `this` and `super` from around it, a method takes `super`, a function neither. */
function outsideOf(root: Syntax, form: FunctionText["form"]): string[] {
  const found = new Set<string>();
  const visit = (node: Syntax, borrowsThis: boolean, borrowsSuper: boolean): void => {
    if (node.type === "ThisExpression" && borrowsThis) found.add("this");
    if (node.type === "Super" && borrowsSuper) found.add("super");
    if (node.type === "MetaProperty" && (node.meta as Syntax).name === "import") found.add("import.meta");
    if (node.type === "ImportExpression" && isRelative(node.source as Syntax))
      found.add(`import(${JSON.stringify((node.source as Syntax).value)})`);
    for (const [key, child] of childrenOf(node)) {
      const own = hasOwnThis(node, key);
      visit(child, borrowsThis && !own, borrowsSuper && !own);
    }
  };
  for (const [, child] of childrenOf(root)) visit(child, form === "arrow", form !== "function");
  return [...found];
}

/** What lies inside a function that is no arrow, or is a member of a class, has a `this` and `super` of its own. */
function hasOwnThis(node: Syntax, key: string): boolean {
  if (node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || node.type === "StaticBlock")
    return true;
  return node.type === "PropertyDefinition" && key === "value";
}

function isRelative(source: Syntax): boolean {
  return typeof source.value === "string" && /^\.\.?\//.test(source.value);
}

function childrenOf(node: Syntax): [string, Syntax][] {
  return Object.entries(node).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isSyntax).map((child): [string, Syntax] => [key, child]),
  );
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && typeof (value as Syntax).type === "string";
}
