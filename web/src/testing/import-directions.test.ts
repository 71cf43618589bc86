import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

// lib, components, charts -> features -> app; one feature never imports another; tests and their
// tools may look at everything, and nothing of the product looks at them.
const allowed: Record<string, string[]> = {
  charts: ['charts'],
  lib: ['lib', 'charts'],
  components: ['components', 'lib', 'charts'],
  features: ['features', 'components', 'lib', 'charts'],
  app: ['app', 'features', 'components', 'lib', 'charts'],
};

const root = join(import.meta.dirname, '..');
const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith('testing/');

interface Import {
  readonly file: string;
  readonly target: string;
}

function localImports(): Import[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.startsWith('lib/graphql/generated/'),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)];
    return targets.map((match) => ({
      file,
      target: relative(root, join(root, dirname(file), match[1] ?? '')),
    }));
  });
}

const imports = localImports();
const layerOf = (path: string) => path.split('/')[0] ?? '';
const featureOf = (path: string) => path.split('/')[1] ?? '';

test('imports are found at all', () => {
  expect(imports.length).toBeGreaterThan(100);
});

test('imports flow from lib, components and charts over features to app', () => {
  const wrong = imports
    .filter(({ file }) => !isTest(file))
    .filter(({ file, target }) => !allowed[layerOf(file)]?.includes(layerOf(target)));
  expect(wrong).toEqual([]);
});

test('one feature never imports another', () => {
  const wrong = imports
    .filter(({ file, target }) => layerOf(file) === 'features' && layerOf(target) === 'features')
    .filter(({ file, target }) => featureOf(file) !== featureOf(target));
  expect(wrong).toEqual([]);
});

test('charts know neither React nor the DOM', () => {
  for (const file of readdirSync(join(root, 'charts'), { encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || isTest(file)) continue;
    const text = readFileSync(join(root, 'charts', file), 'utf8');
    expect(text, file).not.toMatch(/from 'react|document\.|window\./);
  }
});

test('nothing is put into the page as HTML', () => {
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file) || isTest(file)) continue;
    const text = readFileSync(join(root, file), 'utf8');
    expect(text, file).not.toMatch(/innerHTML|dangerouslySetInnerHTML|insertAdjacentHTML|\.html\(/);
  }
});
