import { Api } from './api.js';
import { Channels } from './channels.js';
import { Connections } from './connections.js';
import { Disconnect } from './disconnect.js';
import { element } from './dom.js';
import { Gateways } from './gateways.js';
import { Poll } from './poll.js';
import { Publisher } from './publisher.js';
import { SignIn } from './sign-in.js';
import { Tap } from './tap.js';
import { tell } from './notice.js';
import { Verdict } from './verdict.js';

const api = new Api();
const verdict = new Verdict();
const tap = new Tap(api);
const publisher = new Publisher(api);
const gateways = new Gateways(api, verdict);
const connections = new Connections(api, gateways, new Disconnect(api, () => poll.now()), () => poll.now());
const channels = new Channels(api, gateways, {
  look: channel => tap.begin(channel),
  publish: channel => publisher.begin(channel),
  onFilter: () => poll.now(),
});
const poll = new Poll([gateways, connections, channels], error => error.status === 401 ? signIn.end(error.message) : verdict.noAnswer(error));

const signIn = new SignIn(api, {
  onSignedIn: () => poll.start(),
  onSignedOut() {
    poll.stop();
    setHold(false);
    tap.end('');
    [gateways, connections, channels, tap, publisher, verdict].forEach(part => part.clear());
    tell('');
  },
});

const hold = element('hold', HTMLButtonElement);
hold.addEventListener('click', () => {
  setHold(!poll.isHeld);
  if (!poll.isHeld) {
    poll.now();
  }
});

/** @param {boolean} isHeld */
function setHold(isHeld) {
  poll.isHeld = isHeld;
  hold.setAttribute('aria-pressed', String(isHeld));
  verdict.hold(isHeld);
}

await signIn.begin();
