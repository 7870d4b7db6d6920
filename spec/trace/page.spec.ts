import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { traceOf } from '../../cli/trace/calls.ts';
import { pictureOf } from '../../cli/trace/conversation.ts';
import { pageOf } from '../../cli/trace/page.ts';
import { ladderPage } from '../../scripts/ladder-page.ts';
import { hasProgram } from '../support/programs.ts';
import { bytes, CLIENT, conversation, SERVER, traced } from '../support/trace-lines.ts';

// Building the page and starting a browser take seconds on a busy machine.
jest.setTimeout(240_000);

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

const describeWithChromium = hasProgram(CHROMIUM) ? describe : describe.skip;
const folder = mkdtempSync(join(tmpdir(), 'ladder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The colours of a picture. */
const COLOURS = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const found = new Set();
  for (let index = 0; index < data.length; index += 4) found.add([...data.slice(index, index + 3)].join(' '));
  return [...found];
})()`;

describeWithChromium('the page of a trace, in Chromium', () => {
  let template = '';
  let browser: Browser;
  const problems: string[] = [];

  beforeAll(async () => {
    template = (await ladderPage()).html;
    browser = await puppeteer.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox'],
      userDataDir: join(folder, 'profile'),
    });
  });
  afterAll(async () => await browser.close());

  /** Opens the page of a trace. */
  async function open(entries: Parameters<typeof traceOf>[0], width = 1200): Promise<Page> {
    const file = join(folder, 'out.html');
    writeFileSync(file, pageOf(pictureOf(traceOf(entries), 'a <b>title</b>'), template));
    const page = await browser.newPage();
    await page.setViewport({ width, height: 800 });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('#chart[data-shown]');
    return page;
  }

  /** What an expression gives in the page. */
  const ask = async (page: Page, expression: string): Promise<unknown> => await page.evaluate(expression);
  const shown = async (page: Page): Promise<number> =>
    Number(await ask(page, `document.querySelector('#chart').dataset.shown`));
  const text = async (page: Page, selector: string): Promise<string> =>
    String(await ask(page, `document.querySelector('${selector}').textContent`));

  it.each([1200, 400])('draws a conversation %i pixels wide, without errors or a network', async (width) => {
    const page = await open(conversation(), width);
    expect(await text(page, '#counts')).toBe('10 calls of 3 sockets, 0 with problems');
    expect(await shown(page)).toBe(15);
    const colours = await ask(page, COLOURS);
    // Receiving, sending, other calls.
    expect(colours).toEqual(expect.arrayContaining(['37 99 235', '5 150 105', '100 116 139']));
    expect(problems).toEqual([]);
    await page.close();
  });

  it('shows the bytes of a peer as text and never as markup', async () => {
    const attack = '</script><img src=x onerror="document.title=1"><!--<script>{name|x}\u2028';
    const page = await open([
      traced(0, 'connect', { ...CLIENT, peer: attack, local: attack }),
      traced(1, 'recv', {
        ...CLIENT,
        ...bytes(attack),
        waited: 1000,
        args: [attack],
        error: { name: attack, message: attack },
      }),
    ]);
    expect(await page.$$('img')).toEqual([]);
    expect(await text(page, '#title')).toBe('a <b>title</b>');
    let tip = '';
    for (let y = 150; y < 780 && !tip.includes('3c 2f 73'); y += 10) {
      for (const x of [337, 350, 363]) await page.mouse.move(x, y);
      tip = await text(page, '#tip');
    }
    expect(tip).toContain('3c 2f 73 63 72 69 70 74');
    expect(tip).toContain('</script><img');
    expect(await page.$$('img')).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('shows what the filter lets through, and what had problems', async () => {
    const error = { error: { name: 'TimeoutError', code: 'ETIMEDOUT', message: 'timed out' } };
    const page = await open([...conversation(), traced(30, 'recv', { ...SERVER, ...error })]);
    await page.type('#filter', 'connect');
    expect(await shown(page)).toBe(1);
    await page.reload();
    await page.click('#problems');
    expect(await shown(page)).toBe(1);
    await page.click('#problems');
    await page.select('#scale', 'clock');
    expect(await shown(page)).toBe(16);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('draws 100 000 calls, and zooms into them, without stalling', async () => {
    const calls = Array.from({ length: 50_000 }, (_, index) => [
      traced(index, 'send', { ...CLIENT, ...bytes('hello') }),
      traced(index + 0.2, 'recv', { ...SERVER, ...bytes('hello'), waited: 0.3 }),
    ]).flat();
    const page = await open(calls);
    expect(await text(page, '#counts')).toBe('100000 calls of 2 sockets, 0 with problems');
    const whole = await shown(page);
    expect(whole).toBeLessThan(5000);
    await page.mouse.move(600, 400);
    for (let turn = 0; turn < 8; turn += 1) await page.mouse.wheel({ deltaY: -400 });
    await page.waitForFunction(`document.querySelector('#chart').dataset.shown !== '${whole}'`);
    expect(await shown(page)).toBeLessThan(5000);
    expect(problems).toEqual([]);
    await page.close();
  });
});
