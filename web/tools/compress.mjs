// Writes NAME.gz beside every text file of dist/, so that the server never compresses a file twice.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const worthIt = /\.(html|js|css|svg|json|map|txt)$/;
const smallest = 512;

let files = 0;
let before = 0;
let after = 0;
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !worthIt.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const content = await readFile(path);
  if (content.length < smallest) continue;
  const packed = gzipSync(content, { level: 9 });
  await writeFile(`${path}.gz`, packed);
  files += 1;
  before += content.length;
  after += packed.length;
}
console.log(`compressed ${files} files: ${before} -> ${after} bytes`);
