// Takes the examples out of README.md, each as a module of its own, for tsc and for the tests to look at.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const readme = new URL('../README.md', import.meta.url);
const folder = new URL('../test-types/readme/', import.meta.url);
/** How the language of a code block is said, and how its file ends. */
const EXTENSIONS = { html: 'ts', js: 'js', jsx: 'jsx', ts: 'ts', tsx: 'tsx' };

/** Writes the files. @returns {{ line: number, language: string, file: URL }[]} */
export function writeExamples() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const examples = [];
  const text = readFileSync(readme, 'utf8');
  for (const { 1: language, 2: code, index } of text.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    const extension = EXTENSIONS[language];
    if (extension) {
      const line = text.slice(0, index).split('\n').length + 1;
      const file = new URL(`line-${line}.${extension}`, folder);
      const lines = language === 'html' ? code.replace(/<[^\n]*>/g, '') : code;
      // Empty lines before it, so that a complaint names the line of README.md. An import or export makes it a module.
      writeFileSync(file, `${'\n'.repeat(line - 1)}${lines}export {};\n`);
      examples.push({ line, language, file });
    }
  }
  return examples;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeExamples();
}
