import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import * as constants from '../lib/common/constants.ts';
import * as socket from '../lib/index.ts';

const lib = join(dirname(__dirname), 'lib');

const values = [
  ...['Socket', 'SocketType', 'SocketIO'],
  ...[
    'socket',
    'close',
    'createConnection',
    'createServer',
    'dup',
    'fromfd',
    'hasDualstackIpv6',
    'socketpair',
    'socketpairSync',
    'recvFds',
    'sendFds',
  ],
  ...['getdefaulttimeout', 'setdefaulttimeout'],
  ...['getaddrinfo', 'gethostbyaddr', 'gethostbyname', 'gethostbynameEx', 'getfqdn', 'getnameinfo'],
  ...['gethostname', 'sethostname'],
  ...['getprotobyname', 'getservbyname', 'getservbyport'],
  ...['htonl', 'htons', 'ntohl', 'ntohs', 'inetAton', 'inetNtoa', 'inetNtop', 'inetPton'],
  ...['CMSG_LEN', 'CMSG_SPACE', 'UnsupportedOperation'],
  ...['ifIndextoname', 'ifNameindex', 'ifNametoindex'],
  ...['OSError', 'error', 'gaierror', 'herror', 'TimeoutError', 'timeout', 'BlockingIOError', 'ConnectionError'],
  ...['BrokenPipeError', 'ConnectionAbortedError', 'ConnectionRefusedError', 'ConnectionResetError'],
  ...['FileExistsError', 'FileNotFoundError', 'InterruptedError', 'PermissionError'],
  ...['EOFError', 'IncompleteReadError', 'LimitOverrunError'],
  ...['ChildProcessError', 'IsADirectoryError', 'NotADirectoryError', 'ProcessLookupError'],
];

const types = [
  ...['Address', 'AddressLike', 'Inet4Address', 'Inet6Address', 'Data', 'WritableData', 'OptionValue', 'Message'],
  ...['SearchOptions', 'Separator', 'InetAddress', 'UnixAddress', 'AddressOf'],
  ...[
    'AncillaryItem',
    'AncillaryLike',
    'AnyAddress',
    'NetlinkAddress',
    'OtherAddress',
    'PacketAddress',
    'VsockAddress',
  ],
  ...['Connection', 'DatagramSocket', 'Listener', 'ListenOptions', 'SocketOf'],
  ...['ErrorCode', 'ErrorDetails', 'WaitOptions', 'ConnectionOptions', 'ServerOptions'],
  ...['BufferedPair', 'BufferedReader', 'BufferedWriter', 'FileOf', 'FileOptions', 'Newline', 'RawFile', 'TextFile'],
  ...['AddressInfo', 'HostEntry', 'Readable', 'SendableFile'],
  ...['ConnectOptions', 'DuplexAddress', 'DuplexOptions', 'KeepAliveOptions', 'SocketDuplex', 'WebStreams'],
];

/** The public interface as the compiler sees it. */
class Face {
  readonly #checker: ts.TypeChecker;
  readonly #exports: readonly ts.Symbol[];

  constructor() {
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
    const config = ts.getParsedCommandLineOfConfigFile(join(lib, '..', 'tsconfig.json'), undefined, host);
    if (config === undefined) throw new Error('tsconfig.json cannot be read');
    const program = ts.createProgram([join(lib, 'index.ts')], config.options);
    const index = program.getSourceFile(join(lib, 'index.ts'));
    this.#checker = program.getTypeChecker();
    const module = index === undefined ? undefined : this.#checker.getSymbolAtLocation(index);
    if (module === undefined) throw new Error('lib/index.ts is no module');
    this.#exports = this.#checker.getExportsOfModule(module);
  }

  get names(): string[] {
    return this.#exports.map((symbol) => symbol.name);
  }

  /** Everything that users can see: exports, and the members of exported classes and interfaces, by name. */
  *everything(): Generator<[name: string, symbol: ts.Symbol]> {
    for (const alias of this.#exports) {
      const symbol = alias.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(alias) : alias;
      yield [alias.name, symbol];
      if ((symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) === 0) continue;
      for (const member of this.#checker.getPropertiesOfType(this.#checker.getDeclaredTypeOfSymbol(symbol))) {
        if (isOurs(member) && isPublic(member)) yield [`${alias.name}.${member.name}`, member];
      }
    }
  }

  /** Whether it, or what it overrides, has a comment: a text, or a link. */
  isDocumented(symbol: ts.Symbol): boolean {
    // TypeScript finds the comment of an overridden computed member by name, but not by symbol.
    if (symbol.name.startsWith('__@') && (symbol.declarations ?? []).some(overrides)) return true;
    return (
      symbol.getDocumentationComment(this.#checker).length > 0 ||
      symbol.getJsDocTags(this.#checker).some(({ name }) => name === 'see')
    );
  }

  /** The parameters that its comment does not describe. */
  undocumentedParameters(symbol: ts.Symbol): string[] {
    const signatures = (symbol.declarations ?? []).filter(ts.isFunctionLike);
    // The last of several overloads is the implementation, which is not public.
    const seen = signatures.length > 1 ? signatures.slice(0, -1) : signatures;
    const declared = seen.flatMap(({ parameters }) => [...parameters]);
    const documented = symbol
      .getJsDocTags(this.#checker)
      .filter(({ name }) => name === 'param')
      .map(({ text }) => text?.[0]?.text);
    const names = new Set(declared.map(({ name }) => name.getText()));
    return [...names].filter((name) => !documented.includes(name));
  }
}

function isOurs(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) => declaration.getSourceFile().fileName.startsWith(lib));
}

function overrides(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Override) !== 0;
}

function isPublic(symbol: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (symbol.declarations ?? []).every((declaration) => {
    const name = ts.getNameOfDeclaration(declaration);
    const isPrivate = name !== undefined && ts.isPrivateIdentifier(name);
    return !isPrivate && (ts.getCombinedModifierFlags(declaration) & hidden) === 0;
  });
}

describe('the module', () => {
  const face = new Face();

  it('exports its functions and classes, the constants, and nothing else', () => {
    expect(Object.keys(socket).sort()).toEqual([...values, ...Object.keys(constants)].sort());
  });

  it('exports its types, and nothing else without a value', () => {
    expect(face.names.filter((name) => !(name in socket)).sort()).toEqual([...types].sort());
  });

  it('has a comment on every public name and every public member', () => {
    const all = [...face.everything()].filter(([name]) => !(name in constants));
    expect(all.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'socket',
        'Socket.recv',
        'Socket.close',
        'OSError.errno',
        'WaitOptions.signal',
        'Address',
      ]),
    );
    expect(all.filter(([, symbol]) => !face.isDocumented(symbol)).map(([name]) => name)).toEqual([]);
  });

  it('describes every parameter of the functions and of the methods', () => {
    const all = [...face.everything()].filter(([name]) => name.startsWith('Socket.') || !name.includes('.'));
    const gaps = all.flatMap(([name, symbol]) => face.undocumentedParameters(symbol).map((gap) => `${name}: ${gap}`));
    expect(gaps).toEqual([]);
  });
});
