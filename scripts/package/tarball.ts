import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { run } from './project.ts';

/** The part of `npm pack --json` that is read here. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** The limits of the tarball, with room for growth. */
const LIMITS = { size: 1_800_000, files: 200 };

/**
 * Names in the declarations that are not exported: types in the signatures of public names. None of them may come from
 * lib/core, lib/transports or lib/queues.
 */
const HELPERS = [
  ['TABLE', 'Memory', 'Host', 'Service'],
  [
    'IOBase',
    'BufferedFile',
    'AnyFile',
    'Buffered',
    'BufferedOf',
    'FileMode',
    'FileSource',
    'TextFormat',
    'Coding',
    'Decoder',
    'Encoder',
  ],
  ['Beginning', 'Codec', 'Step', 'ErrorHandler', 'DecodingError', 'EncodingError', 'Mended'],
].flat();

/** Builds the package and makes its tarball in `folder`. */
export async function pack(folder: string): Promise<Packed> {
  const { passed, output } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], '.');
  const packed = passed ? (JSON.parse(output) as Packed[])[0] : undefined;
  if (packed === undefined) throw new Error(`npm pack:\n${output}`);
  return packed;
}

/** What is wrong with the tarball's size. */
export function sizeProblem({ size, files }: Packed): string | undefined {
  if (size <= LIMITS.size && files.length <= LIMITS.files) return undefined;
  return `${size} bytes in ${files.length} files; at most ${LIMITS.size} and ${LIMITS.files} were expected`;
}

/** Relative links of the packed documents and declarations that lead to no file of the package. */
export function linkProblem(home: string, { files }: Packed): string | undefined {
  const broken = files
    .filter(({ path }) => /\.(md|d\.cts)$/.test(path))
    .flatMap(({ path }) => {
      const links = [...readFileSync(join(home, path), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
      return links.map((link) => [path, relative('.', join(dirname(path), link[1] ?? ''))] as const);
    })
    // The demos, for example, are sources of the repository, where the documents are read, too.
    .filter(([, to]) => !existsSync(join(home, to)) && !existsSync(to));
  return broken.length === 0 ? undefined : broken.map(([from, to]) => `${from} links to ${to}`).join('\n');
}

/** Names in the declarations that are not meant to be public, or that do not exist when a program runs. */
export function namesProblem(home: string): string | undefined {
  const dist = join(home, 'dist');
  const load = createRequire(resolve(home));
  const files = readdirSync(dist).filter((file) => file.endsWith('.d.cts'));
  const program = ts.createProgram(
    files.map((file) => join(dist, file)),
    { noEmit: true },
  );
  const checker = program.getTypeChecker();
  const sources = files.map((file) => program.getSourceFile(join(dist, file))).filter((source) => source !== undefined);
  if (sources.length < files.length) return 'there are declarations missing';

  const problems: string[] = [];
  const known: string[] = [...HELPERS];
  // What programs import has declarations for ES modules, too; the others are chunks.
  for (const source of sources.filter(({ fileName }) => existsSync(fileName.replace(/cts$/, 'mts')))) {
    const entry = basename(source.fileName, '.d.cts');
    const module = checker.getSymbolAtLocation(source);
    const exported = module === undefined ? [] : checker.getExportsOfModule(module);
    const values = exported.filter((symbol) => isValue(symbol, checker)).map(({ name }) => name);
    const atRunTime = Object.keys(load(resolve(dist, `${entry}.cjs`)) as object);
    known.push(...exported.map((symbol) => declaredName(symbol, checker)));
    problems.push(
      ...difference(`${entry}: declared as a value, but undefined`, values, atRunTime),
      ...difference(`${entry}: exported, but not declared`, atRunTime, values),
    );
  }
  problems.push(...difference('declared, but not public', sources.flatMap(declaredNames), known));
  return problems.length === 0 ? undefined : problems.join('\n');
}

/** What the declarations declare, exported or not. */
function declaredNames(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    }
    const isNamed =
      ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement) || ts.isInterfaceDeclaration(statement);
    return isNamed || ts.isTypeAliasDeclaration(statement) ? [statement.name?.text ?? ''] : [];
  });
}

/** The name that an export was declared with; it may be exported under another. */
function declaredName(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol.name : checker.getAliasedSymbol(symbol).name;
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const isType = symbol.declarations?.some(
    (node) => ts.isExportSpecifier(node) && (node.isTypeOnly || node.parent.parent.isTypeOnly),
  );
  if (isType === true) return false;
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (target.flags & ts.SymbolFlags.Value) !== 0;
}

function difference(what: string, some: readonly string[], others: readonly string[]): string[] {
  const missing = some.filter((name) => !others.includes(name));
  return missing.length === 0 ? [] : [`${what}: ${missing.join(' ')}`];
}
