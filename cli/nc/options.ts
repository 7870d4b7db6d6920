/** The options of `await-socket nc`, as commander gives them. */
export interface Options {
  readonly listen?: true;
  readonly keepOpen?: true;
  readonly udp?: true;
  readonly unix?: true;
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly numeric?: true;
  readonly source?: string;
  readonly sourcePort?: number;
  readonly timeout?: number;
  readonly quit?: number;
  readonly shutdown?: boolean;
  readonly stdin: boolean;
  readonly crlf?: true;
  readonly scan?: true;
  readonly verbose?: true;
  readonly tls?: true;
  readonly servername?: string;
  readonly ca?: string;
  readonly insecure?: true;
  readonly alpn?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Options that need another one, or that exclude one. */
const NEEDS: readonly [keyof Options, keyof Options][] = [
  ['keepOpen', 'listen'],
  ['servername', 'tls'],
  ['ca', 'tls'],
  ['insecure', 'tls'],
  ['alpn', 'tls'],
  ['cert', 'tls'],
  ['key', 'cert'],
];
const EXCLUDES: readonly [keyof Options, keyof Options][] = [
  ['tls', 'udp'],
  ['tls', 'scan'],
  ['scan', 'listen'],
  ['scan', 'unix'],
  ['keepOpen', 'udp'],
  ['ipv4', 'ipv6'],
];

/** What is wrong with the options together. */
export function problemOf(options: Options): string | undefined {
  const need = NEEDS.find(([name, other]) => options[name] !== undefined && options[other] === undefined);
  if (need !== undefined) return `${written(need[0])} needs ${written(need[1])}`;
  const pair = EXCLUDES.find(([name, other]) => options[name] !== undefined && options[other] !== undefined);
  if (pair !== undefined) return `${written(pair[0])} and ${written(pair[1])} exclude each other`;
  return options.listen && options.tls && options.cert === undefined ? '--tls with --listen needs --cert' : undefined;
}

/** `keepOpen` as it is typed: `--keep-open`. */
function written(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
