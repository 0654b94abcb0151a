// The client in the browsers of this machine. `node --test test-browsers/suite.js`; the gateway must have been built.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { startSite } from './site.js';

/** The first of these programs that is on the PATH. */
function installed(...names) {
  const places = process.env.PATH.split(':').flatMap(folder => names.map(name => `${folder}/${name}`));
  const found = places.find(place => {
    try {
      accessSync(place);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(found, `The tests need ${names[0]}: apt-get install ${names[0]}`);
  return found;
}

const ENGINES = {
  chromium: { browser: 'chrome', executablePath: installed('chromium', 'chromium-browser', 'google-chrome'), args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] },
  firefox: { browser: 'firefox', executablePath: installed('firefox-esr', 'firefox') },
};

const LIMIT = 20_000;

/** Until it is true of the page, or for at most so long. */
async function eventually(page, condition, argument, limit = LIMIT) {
  const end = Date.now() + limit;
  for (;;) {
    if (await page.evaluate(condition, argument)) {
      return;
    }
    if (Date.now() > end) {
      assert.fail(`Not within ${limit} ms: ${condition}: ${await page.evaluate(() => JSON.stringify([window.bus?.status, window.bus?.mode, window.errors, window.gaps, window.heard?.length]))}`);
    }
    await new Promise(done => setTimeout(done, 50));
  }
}

const state = (page, wanted, limit) => eventually(page, name => bus.status.state === name, wanted, limit);

for (const [engine, launch] of Object.entries(ENGINES)) {
  describe(engine, () => {
    let site;
    let browser;
    let context;

    before(async () => {
      site = await startSite();
      browser = await puppeteer.launch({ headless: true, ...launch });
    });

    after(async () => {
      await browser?.close();
      site?.end();
    });

    beforeEach(async t => {
      context = await browser.createBrowserContext();
      t.after?.(() => context.close());
      Object.assign(site, { isDown: false, isDead: false });
    });

    const open = async (options, path = '/page') => {
      const page = await context.newPage();
      await page.goto(site.address + path);
      if (options) {
        await eventually(page, () => !!window.isLoaded);
        await page.evaluate(given => begin(given), options);
      }
      return page;
    };

    const listen = async (page, channel) => {
      await page.evaluate(name => void bus.subscribe(name, payload => heard.push(payload), { onSubscribed: () => window.isSubscribed = true }), channel);
      await eventually(page, () => !!window.isSubscribed);
    };

    for (const mode of ['shared-worker', 'worker', 'page']) {
      test(`Two tabs hear each other, mode ${mode}`, async () => {
        const tabs = [await open({ mode }), await open({ mode })];
        await listen(tabs[0], `mode/${mode}`);

        await tabs[1].evaluate(async name => {
          await bus.publish(name, 'text');
          await bus.publish(name, new Uint8Array([0xff]));
          await bus.json(name).publish({ n: 1 });
        }, `mode/${mode}`);

        await eventually(tabs[0], () => heard.length === 3);
        assert.deepEqual(await tabs[0].evaluate(() => [heard, bus.mode]), [['text', '\uFFFD', '{"n":1}'], mode]);
      });

      test(`A connection that is cut comes back with its channels and tells the gap, mode ${mode}`, async () => {
        const page = await open({ mode });
        await listen(page, 'cut');

        site.cut();
        await eventually(page, () => gaps.includes('cut reconnected'));
        await page.evaluate(() => bus.publish('cut', 'again'));

        await eventually(page, () => heard.includes('again'));
      });
    }

    test('100,000 messages arrive, each once and in order', async () => {
      const page = await open({});
      await listen(page, 'many');
      const redis = spawn('redis-cli', ['-p', `${site.redis}`], { stdio: ['pipe', 'ignore', 'inherit'] });
      redis.stdin.end(Array.from({ length: 100_000 }, (_, n) => `PUBLISH many ${n}\n`).join(''));

      await eventually(page, () => heard.length >= 100_000, undefined, 120_000);

      assert.equal(await page.evaluate(() => heard.every((payload, n) => payload === `${n}`)), true);
      assert.equal(await page.evaluate(() => gaps.length), 0);
    });

    test('A page that starts while its site is away waits, with a reason, does not storm, and comes when the site does', async () => {
      const page = await open({});
      site.isDown = true;
      const before = site.requests + site.dials;
      await page.evaluate(() => void bus.subscribe('later', payload => heard.push(payload)));
      await eventually(page, () => bus.status.reason === 'worker_failed');
      await new Promise(done => setTimeout(done, 5_000));

      const requests = site.requests + site.dials - before;
      assert.ok(requests < 40, `${requests} requests in 5 s`);
      assert.equal(await page.evaluate(() => errors.length), 1);
      site.isDown = false;
      await page.evaluate(() => bus.connect());
      await state(page, 'connected');
      await page.evaluate(() => bus.publish('later', 'x'));
      await eventually(page, () => heard.includes('x'));
    });

    test('A network that was changed without a word is noticed at `online`', async () => {
      const page = await open({});
      await listen(page, 'dead');
      site.isDead = true;
      const publish = page.evaluate(() => bus.publish('dead', 'x').then(() => 'published', error => error.code));

      await page.evaluate(() => void dispatchEvent(new Event('online')));
      assert.equal(await publish, 'connection_lost');
      site.cut();
      site.isDead = false;

      await state(page, 'connected');
    });

    test('A tab that moves a cursor too fast loses messages of its own, and nobody their connection', async () => {
      const [fast, calm] = [await open({}), await open({})];
      await listen(calm, 'quiet');
      await fast.evaluate(async () => {
        window.codes = new Set();
        for (let n = 0; n < 10; n++) {
          for (let each = 0; each < 300; each++) {
            bus.publish('cursor', '1', { queue: false }).catch(error => codes.add(error.code));
          }
          await new Promise(done => setTimeout(done, 40));
        }
      });

      assert.deepEqual(await fast.evaluate(() => [bus.status.state, [...codes].filter(code => code !== 'not_connected')]), ['connected', ['rate_limited']]);
      assert.deepEqual(await calm.evaluate(() => [bus.status.state, gaps]), ['connected', []]);
    });

    test('A frame without an address of its own, and a worker of the page, are at home', async () => {
      const page = await open(null, '/srcdoc');
      await eventually(page, () => window.frameHeard === 'hello');
      const own = await page.evaluate(() => new Promise(done => new Worker('/own-worker.js', { type: 'module' }).addEventListener('message', ({ data }) => done(data))));

      assert.match(own, /^hello /);
    });

    test('A log-out and the next log-in reopen the subscriptions', async () => {
      const page = await open({});
      await listen(page, 'again');
      await page.evaluate(() => {
        bus.close({ allTabs: true });
        bus.connect();
      });

      await eventually(page, () => gaps.includes('again reconnected'));
      await page.evaluate(() => bus.publish('again', 'x'));
      await eventually(page, () => heard.includes('x'));
      assert.equal(await page.evaluate(() => heard.length), 1);
    });

    test('An address of the worker that is wrong is told once in the console', async () => {
      const page = await context.newPage();
      const warnings = [];
      page.on('console', message => /MessageBus: mode 'page'/.test(message.text()) && warnings.push(message.text()));
      await page.goto(`${site.address}/page`);
      await eventually(page, () => !!window.isLoaded);
      await page.evaluate(() => begin({ worker: '/no-such-worker.js' }));
      await listen(page, 'a');

      assert.equal(await page.evaluate(() => bus.mode), 'page');
      assert.equal(warnings.length, 1);
    });

    if (engine === 'chromium') {
      test('A service worker is a client', async () => {
        const page = await open(null, '/page');

        const heard = await page.evaluate(async () => {
          const registration = await navigator.serviceWorker.register('/service-worker.js', { type: 'module', scope: '/page' });
          const worker = registration.active ?? registration.installing ?? registration.waiting;
          const got = new Promise(done => navigator.serviceWorker.addEventListener('message', ({ data }) => done(data)));
          navigator.serviceWorker.startMessages();
          worker.postMessage('begin');
          return got;
        });

        assert.equal(heard, 'hello page');
      });
    }
  });
}

test('firefox: a page whose cookies and storage are blocked connects all the same', async t => {
  const site = await startSite();
  t.after(() => site.end());
  const browser = await puppeteer.launch({ headless: true, ...ENGINES.firefox, extraPrefsFirefox: { 'network.cookie.cookieBehavior': 2 } });
  t.after(() => browser.close());
  for (const mode of ['shared-worker', 'worker', 'page']) {
    const page = await browser.newPage();
    await page.goto(`${site.address}/page`);
    await eventually(page, () => !!window.isLoaded);
    await page.evaluate(given => {
      begin(given);
      bus.subscribe('blocked', payload => heard.push(payload), { onSubscribed: () => bus.publish('blocked', 'x') });
    }, { mode });

    await eventually(page, () => heard.includes('x'));
    assert.equal(await page.evaluate(() => bus.mode), mode === 'page' ? 'page' : 'worker');
  }
});
