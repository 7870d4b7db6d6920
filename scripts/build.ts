import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

// npm runs scripts in the folder of package.json, so plain relative paths will do.
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

// The package itself has no "type": with one, ts-node could not run the demos. dist/ holds ES modules and has to say
// so.
writeFileSync('dist/package.json', `${JSON.stringify({ type: 'module' }, null, 2)}\n`);
