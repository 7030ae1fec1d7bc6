/**
 * Reads one host as people write it: `node1`, `me@node1:2222`, `pi[1-4]`, `[fe80::1]:22`. Pure, on text; errors carry the
 * column. It knows neither files nor options.
 */
import { isIPv6 } from "node:net";

/** What stands in a host's text. `number` is what follows the colon: a port in options, slots in a hostfile. */
export interface HostText {
  readonly user?: string;
  readonly addresses: readonly string[];
  readonly number?: number;
}

/** What is wrong with a host's text. `column` counts from 1 within it. */
export class HostTextError extends Error {
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/** What a computer can be called at most, in characters; longer ones no resolver takes. */
export const longestHostName = 255;

/** More hosts than anybody means: a slip of the finger in a range. */
const maxHosts = 10_000;

/**
 * @param text `[user@]host[:number]`. A host is a name, an address (IPv6 bare, or in brackets when a number follows), or a name with
 *   ranges, which stands for several: `n[01-12,20]` keeps the zeros, `r[1-2]n[1-4]` counts the last one fastest.
 * @throws HostTextError
 */
export function parseHostText(text: string): HostText {
  const [userPart, rest] = splitAt(text, text.lastIndexOf("@"));
  const offset = text.length - rest.length;
  const user = userPart === undefined ? {} : { user: checkedUser(userPart) };
  if (isIPv6(rest)) return { ...user, addresses: [rest] };
  const bracketed = /^\[([^[\]]*:[^[\]]*)\](.*)$/.exec(rest);
  if (bracketed) return { ...user, ...bracketedAddress(bracketed[1]!, bracketed[2]!, offset) };
  const colon = rest.indexOf(":");
  const pattern = colon < 0 ? rest : rest.slice(0, colon);
  const number = colon < 0 ? {} : { number: checkedNumber(rest.slice(colon + 1), offset + colon + 2) };
  return { ...user, addresses: expandRanges(pattern, offset), ...number };
}

/**
 * The names that a pattern stands for: `pi[1-3]` is pi1, pi2, pi3.
 *
 * @param offset where the pattern begins in its text, for the column in errors
 * @throws HostTextError
 */
export function expandRanges(pattern: string, offset = 0): string[] {
  const pieces = [...pattern.matchAll(/\[([^[\]]*)\]|[^[\]]+|[[\]]/g)];
  const choices = pieces.map((piece) => {
    const column = offset + piece.index + 1;
    if (piece[1] !== undefined) return rangeItems(piece[1], column + 1);
    if (/[[\]]/.test(piece[0])) throw new HostTextError(`"${piece[0]}" has no partner`, column);
    return [piece[0]];
  });
  const count = choices.reduce((product, items) => product * items.length, 1);
  if (count > maxHosts) throw new HostTextError(`it stands for ${count} hosts, more than ${maxHosts}`, offset + 1);
  const names = choices.reduce((heads, items) => heads.flatMap((head) => items.map((item) => head + item)), [""]);
  for (const name of names) checkName(name, offset);
  return names;
}

function rangeItems(body: string, column: number): string[] {
  let at = column;
  return body.split(",").flatMap((item) => {
    const items = rangeItem(item, at);
    at += item.length + 1;
    return items;
  });
}

/** One of `7`, `07`, `1-4`, `01-12`: as wide as the first number is written. */
function rangeItem(item: string, column: number): string[] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(item);
  if (!match) throw new HostTextError(`a range is written like 1-4 or 01-12,20, not "${item}"`, column);
  const [, from = "", to = from] = match;
  const first = Number(from);
  const count = Number(to) - first + 1;
  if (count < 1) throw new HostTextError(`the range ${item} runs backwards`, column);
  if (count > maxHosts) throw new HostTextError(`it stands for ${count} hosts, more than ${maxHosts}`, column);
  return Array.from({ length: count }, (_, index) => String(first + index).padStart(from.length, "0"));
}

/** Also keeps out what ssh would take for an option. */
function checkName(name: string, offset: number): void {
  if (name === "") throw new HostTextError("the host is missing", offset + 1);
  if (name.length > longestHostName)
    throw new HostTextError(
      `a host name has at most ${longestHostName} characters, and this one ${name.length}`,
      offset + 1,
    );
  if (!/^\w([\w.-]*\w)?\.?$/.test(name))
    throw new HostTextError(`${JSON.stringify(name)} is neither a host name nor an address`, offset + 1);
}

function checkedUser(user: string): string {
  if (!/^[\w.][\w.+$\\-]*$/.test(user)) throw new HostTextError(`${JSON.stringify(user)} is no user name`, 1);
  return user;
}

function bracketedAddress(address: string, rest: string, offset: number): Omit<HostText, "user"> {
  if (!isIPv6(address)) throw new HostTextError(`${JSON.stringify(address)} is no IPv6 address`, offset + 2);
  if (rest === "") return { addresses: [address] };
  const column = offset + address.length + 3;
  if (!rest.startsWith(":")) throw new HostTextError(`after "]" comes a colon and a number, not "${rest}"`, column);
  return { addresses: [address], number: checkedNumber(rest.slice(1), column + 1) };
}

function checkedNumber(text: string, column: number): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new HostTextError(`after the colon comes a number of 1 or more, not "${text}"`, column);
  return Number(text);
}

function splitAt(text: string, at: number): [string | undefined, string] {
  return at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
}
