import { MessageBus } from '/bus/client.js';
import { Announcer } from './announcer.js';
import { Channels, FIRST_CHANNELS } from './channels.js';
import { element } from './dom.js';
import { Feed } from './feed.js';
import { Meter } from './meter.js';
import { tellNotices } from './notices.js';
import { Outage } from './outage.js';
import { Publisher } from './publisher.js';
import { Route } from './route.js';
import { SignIn } from './sign-in.js';
import { Terminal } from './terminal.js';

const settings = await readSettings();
const signIn = new SignIn();
const bus = new MessageBus(settings.needsToken ? { token: () => signIn.token } : {});
const feed = new Feed();
const meter = new Meter();
const announcer = new Announcer();
const terminal = new Terminal();
/** @param {string} text */
const notice = text => feed.add({ kind: 'notice', time: Date.now(), text });

const channels = new Channels(bus, entry => {
  feed.add(entry);
  meter.add();
  announcer.add(`${entry.channel}: ${entry.payload.slice(0, 200)}`);
}, channel => {
  publisher.channel = channel;
  showCurrent();
});
const publisher = new Publisher(bus, channels, showCurrent);
new Route(bus);
new Outage(bus);

function showCurrent() {
  const current = publisher.channel || FIRST_CHANNELS[0] || '';
  channels.select(current);
  terminal.show(current);
}

tellNotices(bus, notice);

signIn.watch(bus);

element('version', HTMLSpanElement).textContent = String(settings.version);
element('broker-name', HTMLSpanElement).textContent = settings.broker === 'embedded' ? 'Embedded broker' : 'Redis';
element('terminal', HTMLElement).hidden = settings.redisCli === '';
terminal.use(String(settings.redisCli));
showCurrent();
if (settings.needsToken && signIn.token === '') {
  signIn.ask();
} else {
  channels.restore();
}

/** The gateway's settings for this page. */
async function readSettings() {
  const unknown = { redisCli: 'redis-cli', broker: 'redis', version: '', needsToken: false };
  try {
    return { ...unknown, ...await (await fetch('/playground.json')).json() };
  } catch (error) {
    console.warn('The gateway did not serve /playground.json; the terminal lines assume the defaults of redis-cli.', error);
    return unknown;
  }
}
