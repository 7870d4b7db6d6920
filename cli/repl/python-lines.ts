import { parse, type Group, type Item } from './line-items.ts';

/**
 * Lets lines of Python that mean something in JavaScript, too, be typed as they are: `import socket`, `conn, addr = await
 * s.accept()`, `s.connect(('localhost', 80))`, `b'hello'`, `f'{x}'`, `timeout=5` in a call, `# a comment`, and names
 * with `_`. All else is left as it is, so JavaScript stays JavaScript.
 */
export function toJavaScript(text: string): string {
  return lines(parse(text)).map(statement).join('');
}

/** The lines of a text, each with its end, where no bracket is open. */
function lines(items: readonly Item[]): Item[][] {
  const found: Item[][] = [[]];
  for (const item of items) {
    found.at(-1)?.push(item);
    if (isToken(item, '\n') || isToken(item, ';')) found.push([]);
  }
  return found;
}

/** Modules that are at hand already. `from socket import *` needs nothing, as their names are at hand, too. */
const IMPORT =
  /^\s*(?:import\s+[\w.]+(?:\s*,\s*[\w.]+)*|from\s+[\w.]+\s+import\s+[^'"]+?)[^\S\n]*(?:#.*)?(?<end>[\n;]?)$/;
const IMPORT_AS = /^\s*import\s+(?<module>\w+)\s+as\s+(?<name>\w+)[^\S\n]*(?<end>[\n;]?)$/;

function statement(items: readonly Item[]): string {
  const text = items.map(source).join('');
  const plain = IMPORT.exec(text);
  if (plain !== null) return plain.groups?.end ?? '';
  const renamed = IMPORT_AS.exec(text)?.groups;
  if (renamed !== undefined) return `${renamed.name ?? ''} = ${renamed.module ?? ''}${renamed.end ?? ''}`;
  return assignment(items) ?? code(items);
}

/** `a, b = …`, which JavaScript takes for two expressions. */
function assignment(items: readonly Item[]): string | undefined {
  const equals = items.findIndex((item) => isToken(item, '='));
  if (equals < 0) return undefined;
  const [targets, values] = [items.slice(0, equals), items.slice(equals + 1)];
  const names = parts(targets);
  const isTuple = names.length > 1 && names.every((name) => /^\s*[\w$.]+\s*$/.test(name.map(source).join('')));
  if (!isTuple) return undefined;
  const end = values.findIndex((item) => isToken(item, '\n') || isToken(item, ';'));
  const [value, rest] = end < 0 ? [values, []] : [values.slice(0, end), values.slice(end)];
  const several = parts(value).length > 1;
  const right = several ? ` [${code(value).trim()}]` : code(value);
  return `[${code(targets).trim()}] =${right}${code(rest)}`;
}

/** What comes before a bracket that holds a condition, parameters, or arguments of a call. */
const OPERATORS = /^(?:await|case|delete|in|instanceof|new|of|return|throw|typeof|void|yield)$/;

function code(items: readonly Item[]): string {
  let before: Item | undefined;
  return items
    .map((item, index) => {
      const written = typeof item === 'string' ? token(item, before) : bracket(item, before, next(items, index));
      if (typeof item !== 'string' || item.trim() !== '') before = item;
      return written;
    })
    .join('');
}

function bracket(group: Group, before: Item | undefined, after: Item | undefined): string {
  const { open, items, close } = group;
  if (open !== '(' || isToken(after, '=>')) return open + inside(open, items) + close;
  const isCall =
    before !== undefined && (typeof before !== 'string' || (/^[\w$'"`]/.test(before) && !OPERATORS.test(before)));
  const inner = parts(items);
  if (isCall) return isGroup(after, '{') ? open + code(items) + close : `(${args(inner)})`;
  return inner.length > 1 ? `[${inner.map(code).join(',')}]` : open + code(items) + close;
}

/** A block holds statements; other brackets hold an expression. */
function inside(open: string, items: readonly Item[]): string {
  return open === '{' ? lines(items).map(statement).join('') : code(items);
}

/** The arguments of a call: those with names become its options. */
function args(inner: readonly (readonly Item[])[]): string {
  const named = inner.filter(isNamed);
  if (named.length === 0 || !inner.slice(-named.length).every(isNamed)) return inner.map(code).join(',');
  const options = named.map((argument) => {
    const [name, value] = code(argument)
      .trim()
      .split(/\s*=\s*([^]*)/);
    return `${camel(name ?? '')}: ${value ?? ''}`;
  });
  return [
    ...inner.slice(0, -named.length).map(code),
    `${inner.length > named.length ? ' ' : ''}{ ${options.join(', ')} }`,
  ].join(',');
}

/** Whether an argument is Python's `name=value`. */
function isNamed(argument: readonly Item[]): boolean {
  const [name, equals] = argument.filter((item) => typeof item !== 'string' || item.trim() !== '');
  return typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name) && isToken(equals, '=');
}

function token(text: string, before: Item | undefined): string {
  const [, prefix = '', literal = ''] = /^([bBfF])(['"][^]*)$/.exec(text) ?? [];
  if (/b/i.test(prefix)) return `Buffer.from(${literal}, 'latin1')`;
  if (/f/i.test(prefix))
    return `\`${literal
      .slice(1, -1)
      .replaceAll('`', '\\`')
      .replaceAll(/\{([^{}]+)\}/g, '${$1}')}\``;
  if (/^#(?![\w$])/.test(text)) return `//${text.slice(1)}`;
  // Python's names of methods and functions have an underscore where ours have a capital letter.
  return isToken(before, '.') ? camel(text) : text;
}

function camel(name: string): string {
  return /^[a-z]+(_[a-z0-9]+)+$/.test(name) && name !== 'has_ipv6'
    ? name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    : name;
}

/** The parts between commas. */
function parts(items: readonly Item[]): Item[][] {
  const found: Item[][] = [[]];
  for (const item of items) {
    if (isToken(item, ',')) found.push([]);
    else found.at(-1)?.push(item);
  }
  // A tuple may end with a comma.
  if (found.length > 2 && found.at(-1)?.every((item) => typeof item === 'string' && item.trim() === '')) found.pop();
  return found;
}

function next(items: readonly Item[], index: number): Item | undefined {
  return items.slice(index + 1).find((item) => typeof item !== 'string' || item.trim() !== '');
}

function source(item: Item): string {
  return typeof item === 'string' ? item : item.open + item.items.map(source).join('') + item.close;
}

function isToken(item: Item | undefined, text: string): boolean {
  return item === text;
}

function isGroup(item: Item | undefined, open: string): boolean {
  return typeof item === 'object' && item.open === open;
}
