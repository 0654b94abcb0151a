// Writes the types of the package from the JSDoc. In a fresh clone there is no compiler yet: it is installed first.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const compiler = new URL('../node_modules/typescript/bin/tsc', import.meta.url);
if (!existsSync(compiler)) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: ['ignore', process.stderr, 'inherit'] });
}
execFileSync(process.execPath, [fileURLToPath(compiler), '-p', 'tsconfig.types.json'], { cwd, stdio: ['ignore', process.stderr, 'inherit'] });
