/**
 * Makes the site of the documentation in site/: `npm run docs`. It has every public name, and the guides. A link that
 * leads nowhere makes it fail.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Application, ConsoleLogger, type TranslatedString, type TypeDocOptions } from 'typedoc';
import { command } from '../demos/support/command.ts';

const SITE = 'site';

/** The pages, in the order of the navigation. */
const GUIDES = [
  'tutorial',
  'using',
  'demos',
  'from-python',
  'from-node-net',
  'command-line',
  'protocols',
  'servers',
  'deployment',
  'a-million-connections',
  'ssl',
  'libraries',
  'tracing',
  'cookbook',
  'exercises',
  'differences',
  'promises',
  'python',
  'python-ssl',
  'python-select',
  'options',
  'platforms',
  'performance',
  'reliability',
  'how-it-works',
];

const OPTIONS: TypeDocOptions = {
  name: 'await-socket',
  entryPoints: [
    'lib/index.ts',
    'lib/ssl/index.ts',
    'lib/select.ts',
    'lib/selectors.ts',
    'lib/serve/index.ts',
    'lib/proxy-protocol/index.ts',
  ],
  tsconfig: 'tsconfig.build.json',
  readme: 'README.md',
  projectDocuments: [...GUIDES.map((name) => `docs/${name}.md`), 'CONTRIBUTING.md', 'CHANGELOG.md'],
  out: SITE,
  customCss: 'docs/site.css',
  includeVersion: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  sortEntryPoints: false,
  // The names of Node's that comments link to.
  externalSymbolLinkMappings: {
    '@types/node': { '*': 'https://nodejs.org/api/stream.html' },
    'await-socket': { '*': '#' },
  },
  highlightLanguages: ['typescript', 'javascript', 'sh', 'json', 'python', 'ini', 'nginx', 'yaml'],
  validation: { notExported: false, invalidLink: true, invalidPath: true, notDocumented: false },
  // A comment that overloads share names the parameters of all of them, and TypeDoc warns of each that one of them lacks.
  logLevel: 'Error',
};

/** Takes warnings of links for errors, which are shown. TypeDoc's option for that works in its own command alone. */
class LinkLogger extends ConsoleLogger {
  override validationWarning(message: TranslatedString): void {
    this.error(message);
  }
}

/** Errors that comments of sockets name, and that the modules beside `socket` do not export. */
const ERRORS = ['IncompleteReadError', 'LimitOverrunError'];

/** Links of the pages that lead to no file of the site, or to no place in it. */
function deadLinks(): string[] {
  const pages = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const texts = new Map(pages.map((name) => [name, readFileSync(join(SITE, name), 'utf8')]));
  return pages.flatMap((page) => {
    const links = [...(texts.get(page) ?? '').matchAll(/ (?:href|src)="(?!https?:|data:|mailto:)([^"]*)"/g)];
    return links
      .map(([, link = '']) => link)
      .filter((link) => {
        const [path = '', place = ''] = link.split('#');
        const target = path === '' ? page : join(dirname(page), decodeURI(path));
        if (!existsSync(join(SITE, target))) return true;
        return place !== '' && texts.get(target)?.includes(` id="${decodeURIComponent(place)}"`) === false;
      })
      .map((link) => `${page}: ${link}`);
  });
}

async function main(): Promise<void> {
  const app = await Application.bootstrap(OPTIONS);
  app.logger = new LinkLogger();
  app.logger.level = app.options.getValue('logLevel');
  app.converter.addUnknownSymbolResolver(({ symbolReference }) => {
    const name = symbolReference?.path?.[0]?.path ?? '';
    return ERRORS.includes(name) ? `../classes/index.${name}.html` : undefined;
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources');
  // The navigation shows the headings of the pages, not the names of their files.
  for (const page of project.documents ?? []) {
    page.name = /^# (.+)$/m.exec(page.content.map(({ text }) => text).join(''))?.[1] ?? page.name;
  }
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) process.exitCode = 1;
  const dead = deadLinks();
  console.log(dead.length === 0 ? `${SITE}/index.html` : `links that lead nowhere:\n${dead.join('\n')}`);
  if (dead.length > 0) process.exitCode = 1;
}

command('docs', 'Makes the site of the documentation in site/, and checks its links.').parse();
void main();
