// Takes pictures of every page against the mock server (or MILLWRIGHT_SERVER), with axe's verdict.
// npm run build && npm run screenshots [-- FOLDER]; needs Chromium at CHROMIUM or /usr/bin/chromium.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const folder = process.argv[2] ?? 'screenshots';
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };

const shots = [
  { name: 'home', mode: 'data', path: '/', viewport: desktop },
  { name: 'home-phone', mode: 'data', path: '/', viewport: phone },
  { name: 'home-dark', mode: 'data', path: '/', viewport: desktop, dark: true },
  { name: 'home-empty', mode: 'empty', path: '/', viewport: desktop },
  { name: 'home-error', mode: 'error', path: '/', viewport: desktop },
  { name: 'login', mode: 'login', path: '/', viewport: desktop },
  {
    name: 'device-1',
    mode: 'data',
    path: '/devices/000001',
    viewport: { width: 1280, height: 2400 },
  },
  {
    name: 'device-2',
    mode: 'data',
    path: '/devices/000002?range=15m',
    viewport: desktop,
    hover: true,
  },
  { name: 'device-3', mode: 'data', path: '/devices/000003', viewport: desktop },
  {
    name: 'device-3-wide',
    mode: 'data',
    path: '/devices/000003?range=1h',
    viewport: { width: 1920, height: 1080 },
  },
  { name: 'device-4-phone', mode: 'data', path: '/devices/000004', viewport: phone, full: true },
  { name: 'device-1-phone', mode: 'data', path: '/devices/000001', viewport: phone },
  { name: 'device-1-dark', mode: 'data', path: '/devices/000001', viewport: desktop, dark: true },
  { name: 'device-unknown', mode: 'data', path: '/devices/999999', viewport: desktop },
];

async function serve(mode, port) {
  const child = spawn(process.execPath, ['tools/mock-server.mjs'], {
    env: { ...process.env, PORT: String(port), MOCK_MODE: mode },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`mock server ended with ${code}`)));
  });
  return child;
}

const modes = [...new Set(shots.map(({ mode }) => mode))];
const servers = new Map();
for (const [i, mode] of modes.entries()) {
  servers.set(mode, { port: 8190 + i, child: await serve(mode, 8190 + i) });
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

let violations = 0;
let complaints = 0;
try {
  for (const { name, mode, path, viewport, dark, full, hover } of shots) {
    const context = await browser.newContext({
      viewport,
      colorScheme: dark ? 'dark' : 'light',
      bypassCSP: false,
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() !== 'error' || mode === 'error' || mode === 'login') return;
      complaints += 1;
      console.log(`${name}: console: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      complaints += 1;
      console.log(`${name}: page error: ${error.message}`);
    });
    await page.goto(`http://127.0.0.1:${servers.get(mode).port}${path}`);
    await page.waitForTimeout(4000);
    if (hover) {
      const box = await page.locator('canvas').first().boundingBox();
      if (box) await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
      await page.waitForTimeout(200);
    }
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: full ?? false });
    await page.evaluate(axe);
    const { violations: found } = await page.evaluate(() => window.axe.run());
    for (const { id, nodes } of found) {
      violations += 1;
      console.log(
        `${name}: axe: ${id}: ${nodes
          .slice(0, 3)
          .map((node) => node.html.slice(0, 160))
          .join(' | ')}`,
      );
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    if (overflow > 0) {
      complaints += 1;
      console.log(`${name}: ${overflow} px wider than the screen`);
    }
    await context.close();
  }
} finally {
  await browser.close();
  for (const { child } of servers.values()) child.kill();
}
console.log(
  `${shots.length} pictures in ${folder}, ${violations} axe violations, ${complaints} complaints`,
);
process.exitCode = violations + complaints === 0 ? 0 : 1;
