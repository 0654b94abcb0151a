// What a visitor downloads: each part bundled, minified and compressed. Over its budget: exit code 1.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const KILO = 1_000;
const parts = [
  { name: 'page', entry: 'client.js', budget: 3.8 * KILO, external: ['./fallback.js'] },
  { name: 'worker', entry: 'worker.js', budget: 7 * KILO, external: [] },
  ...['react', 'vue', 'svelte', 'angular'].map(name => ({ name, entry: `${name}.js`, budget: 800, external: ['react', 'vue', '@angular/core', './client.js'] })),
];

for (const { name, entry, budget, external } of parts) {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [new URL(`../${entry}`, import.meta.url).pathname], bundle: true, minify: true, format: 'esm', external, write: false,
  });
  const bytes = gzipSync(bundle.contents, { level: 9 }).length;
  console.log(`${name.padEnd(8)}${String(bytes).padStart(6)} bytes of ${budget}`);
  if (bytes > budget) {
    console.error(`The ${name} part is over its budget.`);
    process.exitCode = 1;
  }
}
