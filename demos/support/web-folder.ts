import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { HttpError } from './http.ts';

/** The types that are announced to browsers. Any other file is bytes. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.gif', 'image/gif'],
  ['.html', 'text/html; charset=utf-8'],
  ['.jpg', 'image/jpeg'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json'],
  ['.md', 'text/markdown; charset=utf-8'],
  ['.pdf', 'application/pdf'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

const STATUS_OF: ReadonlyMap<unknown, number> = new Map([
  ['ENOENT', 404],
  ['ENOTDIR', 404],
  ['ELOOP', 404],
  ['ENAMETOOLONG', 404],
  ['EACCES', 403],
  ['EPERM', 403],
]);

/** An open file to serve. */
export interface WebFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly modified: Date;
  readonly type: string;
}

/** A folder whose files are served, and nothing outside of it. */
export class WebFolder {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Finds a folder. */
  static async at(path: string): Promise<WebFolder> {
    if (!(await stat(path)).isDirectory()) throw new Error(`${path} is not a folder`);
    return new WebFolder(await realpath(path));
  }

  /** Opens the file of a request's target; a path that ends in `/` means its `index.html`. */
  async open(target: string): Promise<WebFile> {
    const path = pathOf(target);
    try {
      return await this.#open(path.endsWith('/') ? `${path}index.html` : path);
    } catch (error) {
      if (error instanceof HttpError || !(error instanceof Error)) throw error;
      const status = 'code' in error ? STATUS_OF.get(error.code) : undefined;
      throw status === undefined ? error : new HttpError(status, STATUS_CODES[status] ?? '');
    }
  }

  async #open(path: string): Promise<WebFile> {
    // Links are followed first: it is the real file that has to be inside.
    const real = await realpath(join(this.#root, path));
    const within = relative(this.#root, real);
    if (within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within)) {
      throw new HttpError(404, 'it is outside of the folder');
    }
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    const handle = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    if (!stats.isFile()) {
      await handle.close();
      throw new HttpError(404, 'it is not a regular file');
    }
    const type = TYPES.get(extname(real).toLowerCase()) ?? 'application/octet-stream';
    return { handle, size: stats.size, modified: stats.mtime, type };
  }
}

/** The path of a request's target, decoded once. */
function pathOf(target: string): string {
  const [encoded = ''] = target.split(/[?#]/, 1);
  if (!encoded.startsWith('/')) throw new HttpError(400, 'a path begins with /');
  const path = decoded(encoded);
  if (path.includes('\0')) throw new HttpError(400, 'a path has no NUL');
  if (path.split(/[/\\]/).includes('..')) throw new HttpError(404, 'a path goes downwards only');
  return path;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new HttpError(400, 'the bytes after % are not UTF-8');
  }
}
