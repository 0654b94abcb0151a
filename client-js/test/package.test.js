import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** What `npm publish` would upload. The types are made by a script of it, which is not run here. */
function packedFiles() {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], { cwd: folder, encoding: 'utf8' }));
  return files.map(({ path }) => path).filter(path => !path.startsWith('types/'));
}

test('The package holds the modules, the licence and the manual, and nothing that only the repository needs', () => {
  const files = packedFiles();

  for (const needed of ['client.js', 'worker.js', 'bus.js', 'standalone.js', 'worker/thread.js', 'worker/connection.js', 'react.js', 'testing/testing.js', 'testing/fake-gateway.js', 'README.md', 'LICENSE', 'package.json']) {
    assert.ok(files.includes(needed), `${needed} is missing`);
  }
  assert.deepEqual(files.filter(path => !/^((testing\/|worker\/)?[a-z-]+\.js|README\.md|LICENSE|package\.json)$/.test(path)), []);
});
