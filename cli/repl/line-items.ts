/** A token, or what is between two brackets. */
export type Item = string | Group;

/** Brackets and what is between them; `close` is empty where they are not closed yet. */
export interface Group {
  readonly open: string;
  readonly items: Item[];
  close: string;
}

const TOKEN = new RegExp(
  [
    String.raw`\/\/[^\n]*|\/\*[^]*?\*\/`, // comments
    String.raw`#[\w$]+|#[^\n]*`, // private names, and Python's comments
    String.raw`\x60(?:[^\\\x60]|\\[^])*\x60`, // templates
    String.raw`[bBfF]?(?:'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")`, // strings, and Python's bytes and f-strings
    String.raw`(?<=^|[(,=:[!&|?{};\n]\s*)\/(?:[^\\/\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*`, // regular expressions
    String.raw`[\w$]+`, // names and numbers
    String.raw`\n`,
    String.raw`[^\S\n]+`,
    String.raw`=>|[=!]==?|[-+*/%&|^<>?]+=|\.\.\.`, // operators that have a `=` or a `.` in them
    String.raw`[^]`,
  ].join('|'),
  'g',
);

const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** The tokens of a text, with brackets as groups. Together they are the text. */
export function parse(text: string): Item[] {
  const root: Group = { open: '', items: [], close: '' };
  const stack = [root];
  for (const [token] of text.matchAll(TOKEN)) {
    const top = stack.at(-1) ?? root;
    if ('([{'.includes(token)) {
      const group = { open: token, items: [], close: '' };
      top.items.push(group);
      stack.push(group);
    } else if (CLOSES[token] !== undefined && CLOSES[token] === top.open) {
      top.close = token;
      stack.pop();
    } else {
      top.items.push(token);
    }
  }
  return root.items;
}
