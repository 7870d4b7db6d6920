/** Builds the page that draws traces out of ladder/: one file, with all of its program in it. */
import { readFileSync } from 'node:fs';
import { transformSync } from '@swc/core';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup, type Plugin } from 'rollup';

function typescript(): Plugin {
  return {
    name: 'typescript',
    transform(code, fileName) {
      if (!fileName.endsWith('.ts')) return null;
      const jsc = { target: 'es2022', parser: { syntax: 'typescript' } } as const;
      return { code: transformSync(code, { swcrc: false, configFile: false, jsc }).code, map: null };
    },
  };
}

/** The page without a picture, which cli/trace/page.ts puts in, and the files that its program is made of. */
export async function ladderPage(): Promise<{ readonly html: string; readonly modules: readonly string[] }> {
  const build = await rollup({ input: 'ladder/main.ts', plugins: [nodeResolve({ browser: true }), typescript()] });
  const { output } = await build.generate({ format: 'iife', plugins: [] });
  const { code } = transformSync(output[0].code.replaceAll('process.env.NODE_ENV', '"production"'), {
    swcrc: false,
    configFile: false,
    minify: true,
    isModule: false,
    jsc: { target: 'es2022', minify: { compress: true, mangle: true, format: { comments: false, ascii_only: true } } },
  });
  const program = code.replaceAll('</script', String.raw`<\/script`);
  const html = readFileSync('ladder/page.html', 'utf8').split('/* the program */').join(program);
  return { html, modules: output[0].moduleIds };
}
