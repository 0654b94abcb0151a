import { MessageBus } from '/bus/client.js';

/**
 * @typedef {{ kind: 'message', time: number, channel: string, payload: string, bytes: Uint8Array, line: number }
 *   | { kind: 'notice', time: number, text: string }} Entry
 */

/** Rows that are shown, and kept for when the filter changes. */
const MAX_ROWS = 500;
/** Characters of a payload that are shown: a few screens, where one message may have 64 KiB. */
const MAX_SHOWN = 4_000;
/** Colours in console.css. */
const LINES = 8;
/** Screen readers hear of new messages no more often than this, ms. */
const ANNOUNCE_EVERY = 3_000;
const STORED_CHANNELS = 'messagebus.console.channels';
const FIRST_CHANNELS = ['demo/hello'];

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new TypeError(`The page has no ${type.name} #${id}.`);
  }
  return found;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text] never markup
 */
function make(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * However often it is asked for, the work is done once a frame.
 * @param {() => void} work
 */
function oncePerFrame(work) {
  let frame = 0;
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      work();
    });
  };
}

/** @param {number} n */
const grouped = n => n.toLocaleString('en');

/** @param {string} code */
const inWords = code => code.replaceAll('_', ' ');

/** The list of messages, newest first. It holds MAX_ROWS at most, however many arrive. */
class Feed {
  #list = element('messages', HTMLOListElement);
  #empty = element('empty', HTMLParagraphElement);
  #pause = element('pause', HTMLButtonElement);
  #filter = element('filter', HTMLInputElement);
  /** Shown or filtered out, oldest first. @type {Entry[]} */
  #recent = [];
  /** Arrived since the last frame, or since the pause. @type {Entry[]} */
  #arrived = [];
  #missedInPause = 0;
  #paused = false;
  #draw = oncePerFrame(() => this.#drawArrived());

  constructor() {
    this.#pause.addEventListener('click', () => this.#togglePause());
    this.#filter.addEventListener('input', () => this.#redraw());
    element('clear', HTMLButtonElement).addEventListener('click', () => this.#clear());
    this.#showEmpty();
  }

  /** @param {Entry} entry */
  add(entry) {
    this.#arrived.push(entry);
    if (this.#arrived.length >= 2 * MAX_ROWS) {
      this.#arrived = this.#arrived.slice(-MAX_ROWS);
    }
    if (this.#paused) {
      this.#missedInPause++;
    }
    this.#draw();
  }

  #drawArrived() {
    if (this.#paused) {
      this.#pause.textContent = `Resume (${grouped(this.#missedInPause)} new)`;
      return;
    }
    const arrived = this.#arrived.slice(-MAX_ROWS);
    this.#arrived = [];
    this.#recent = [...this.#recent, ...arrived].slice(-MAX_ROWS);

    const rows = this.#rowsOf(arrived);
    if (rows.length <= 3) {
      rows.forEach(row => row.toggleAttribute('data-fresh', true));
    }
    this.#list.prepend(...rows);
    while (this.#list.childElementCount > MAX_ROWS) {
      this.#list.lastElementChild?.remove();
    }
    this.#showEmpty();
  }

  #redraw() {
    this.#list.replaceChildren(...this.#rowsOf(this.#recent));
    this.#showEmpty();
  }

  #togglePause() {
    this.#paused = !this.#paused;
    this.#missedInPause = 0;
    this.#pause.textContent = this.#paused ? 'Resume' : 'Pause';
    this.#pause.dataset.paused = String(this.#paused);
    if (!this.#paused) {
      this.#draw();
    }
  }

  #clear() {
    this.#recent = [];
    this.#arrived = [];
    this.#missedInPause = 0;
    this.#redraw();
    this.#draw();
  }

  #showEmpty() {
    this.#empty.hidden = this.#list.childElementCount > 0;
    this.#empty.textContent = this.#recent.length > 0
      ? 'No message matches the filter.'
      : 'Nothing yet. Run the first line above in a terminal, or publish something.';
  }

  /** @param {Entry[]} entries */
  #rowsOf(entries) {
    const wanted = this.#filter.value.trim().toLowerCase();
    return entries.filter(entry => matches(entry, wanted)).map(toRow).reverse();
  }
}

/**
 * @param {Entry} entry
 * @param {string} wanted in lower case
 */
function matches(entry, wanted) {
  return wanted === '' || entry.kind === 'notice'
    || entry.channel.toLowerCase().includes(wanted) || entry.payload.toLowerCase().includes(wanted);
}

/** @param {Entry} entry */
function toRow(entry) {
  const row = make('li', entry.kind);
  const at = new Date(entry.time);
  const time = make('time', 'message-time', clockTime(at));
  time.setAttribute('datetime', at.toISOString());
  if (entry.kind === 'notice') {
    row.append(time, make('span', 'notice-text', entry.text));
    return row;
  }

  row.dataset.line = String(entry.line);
  const channel = make('span', 'message-channel', entry.channel);
  channel.title = entry.channel;
  const { payload } = entry;
  row.append(time, channel, make('span', 'message-payload', payload.slice(0, MAX_SHOWN)));
  if (payload.length > MAX_SHOWN) {
    row.append(make('span', 'message-note', `${grouped(payload.length - MAX_SHOWN)} more characters are not shown`));
  } else if (payload.includes('\ufffd')) {
    row.append(make('span', 'message-note', `Not UTF-8, ${grouped(entry.bytes.length)} bytes: ${hex(entry.bytes)}`));
  }
  return row;
}

/**
 * By hand: toLocaleTimeString takes 15 us a call where this takes 1, and there may be 1,000 messages a second.
 * @param {Date} at
 */
function clockTime(at) {
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map(part => String(part).padStart(2, '0'));
  return `${hours}:${minutes}:${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  const shown = [...bytes.subarray(0, 16)].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > 16 ? `${shown} ...` : shown;
}

/** What a screen reader hears of the messages: the message where there is one, a number where there are many. */
class Announcer {
  #target = element('announcer', HTMLParagraphElement);
  #count = 0;
  #last = '';

  constructor() {
    setInterval(() => this.#announce(), ANNOUNCE_EVERY);
  }

  /** @param {string} text */
  add(text) {
    this.#count++;
    this.#last = text;
  }

  #announce() {
    if (this.#count > 0) {
      this.#target.textContent = this.#count === 1 ? this.#last : `${grouped(this.#count)} new messages`;
      this.#count = 0;
    }
  }
}

/** The channels this page is subscribed to, with what each has received. */
class Channels {
  #list = element('channels', HTMLUListElement);
  #none = element('no-channels', HTMLParagraphElement);
  #error = element('channel-error', HTMLParagraphElement);
  /** @type {Map<string, { row: HTMLElement, name: HTMLElement, counter: HTMLElement, count: number, line: number, leave: () => void }>} */
  #channels = new Map();
  #nextLine = 0;
  #draw = oncePerFrame(() => this.#drawCounts());
  #bus;
  #onMessage;
  #onSelect;

  /**
   * @param {MessageBus} bus
   * @param {(entry: Entry & { kind: 'message' }) => void} onMessage
   * @param {(channel: string) => void} onSelect
   */
  constructor(bus, onMessage, onSelect) {
    this.#bus = bus;
    this.#onMessage = onMessage;
    this.#onSelect = onSelect;
    const input = element('channel-input', HTMLInputElement);
    element('subscribe-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      const channel = input.value.trim();
      if (channel) {
        this.add(channel, () => onSelect(channel));
        this.#channels.get(channel)?.row.scrollIntoView({ block: 'nearest' });
        this.#store();
        input.value = '';
        input.focus();
      }
    });
    bus.on('status', status => this.#showLive(status.state === 'connected'));
  }

  /** @param {string} channel */
  has(channel) {
    return this.#channels.has(channel);
  }

  restore() {
    /** @type {unknown} */
    let stored = null;
    try {
      stored = JSON.parse(localStorage.getItem(STORED_CHANNELS) ?? 'null');
    } catch {
      // No storage, or not ours: as at the first run.
    }
    const channels = Array.isArray(stored) ? stored.filter(channel => typeof channel === 'string' && channel !== '') : FIRST_CHANNELS;
    channels.forEach(channel => this.add(channel));
    this.#none.hidden = this.#channels.size > 0;
  }

  /**
   * @param {string} channel
   * @param {() => void} [onSubscribed]
   */
  add(channel, onSubscribed) {
    this.#error.textContent = '';
    if (this.#channels.has(channel)) {
      onSubscribed?.();
      return;
    }
    const line = this.#nextLine++ % LINES;
    const row = make('li', 'channel');
    row.dataset.line = String(line);
    row.dataset.live = 'false';
    row.dataset.channel = channel;
    const name = make('button', 'channel-name');
    name.title = `Publish to ${channel}`;
    name.setAttribute('aria-pressed', 'false');
    const label = document.createElement('bdi');
    label.textContent = channel;
    name.append(label);
    const counter = make('span', 'channel-count', '0');
    const remove = make('button', 'channel-remove', '\u00d7');
    remove.setAttribute('aria-label', `Unsubscribe from ${channel}`);
    row.append(name, counter, remove);
    name.addEventListener('click', () => this.#onSelect(channel));
    remove.addEventListener('click', () => this.#remove(channel));
    this.#list.append(row);

    const leave = this.#bus.subscribe(channel, (payload, _, message) => this.#received(channel, payload, message.bytes), {
      onSubscribed: () => {
        row.dataset.live = 'true';
        onSubscribed?.();
      },
      onGap: () => row.dataset.live = 'true',
      onError: error => this.#ended(channel, error),
    });
    this.#channels.set(channel, { row, name, counter, count: 0, line, leave });
    this.#none.hidden = true;
  }

  /** @param {string} current */
  select(current) {
    for (const [channel, { name }] of this.#channels) {
      name.setAttribute('aria-pressed', String(channel === current));
    }
  }

  /** @param {string} channel */
  #remove(channel) {
    const entry = this.#channels.get(channel);
    const neighbour = entry?.row.nextElementSibling ?? entry?.row.previousElementSibling;
    entry?.leave();
    this.#drop(channel);
    // The focus must not be lost with the row.
    const next = neighbour?.querySelector('.channel-remove') ?? element('channel-input', HTMLInputElement);
    if (next instanceof HTMLElement) {
      next.focus();
    }
  }

  /**
   * @param {string} channel
   * @param {import('/bus/client.js').MessageBusError} error
   */
  #ended(channel, error) {
    // When the whole connection is closed, the list stays for the next load of the page.
    if (error.code !== 'closed') {
      this.#error.textContent = `${channel}: ${error.message}`;
      this.#drop(channel);
    }
  }

  /** @param {string} channel */
  #drop(channel) {
    this.#channels.get(channel)?.row.remove();
    this.#channels.delete(channel);
    this.#none.hidden = this.#channels.size > 0;
    this.#store();
  }

  #store() {
    try {
      localStorage.setItem(STORED_CHANNELS, JSON.stringify([...this.#channels.keys()]));
    } catch {
      // No storage: the page starts as at the first run next time.
    }
  }

  /**
   * @param {string} channel
   * @param {string} payload
   * @param {Uint8Array} bytes
   */
  #received(channel, payload, bytes) {
    const entry = this.#channels.get(channel);
    if (entry) {
      entry.count++;
      this.#draw();
      this.#onMessage({ kind: 'message', time: Date.now(), channel, payload, bytes, line: entry.line });
    }
  }

  /** @param {boolean} connected */
  #showLive(connected) {
    if (!connected) {
      this.#channels.forEach(({ row }) => row.dataset.live = 'false');
    }
  }

  #drawCounts() {
    for (const { counter, count } of this.#channels.values()) {
      counter.textContent = grouped(count);
    }
  }
}

/** The state of the connection and of the broker behind it, drawn as a line with three stops. */
class Route {
  #route = element('route', HTMLDivElement);
  #state = element('state', HTMLSpanElement);
  #broker = element('broker-state', HTMLSpanElement);
  #detail = element('state-detail', HTMLParagraphElement);
  #isBrokerUp = true;
  #bus;

  /** @param {MessageBus} bus */
  constructor(bus) {
    this.#bus = bus;
    bus.on('status', () => this.#show());
    bus.on('broker', broker => {
      this.#isBrokerUp = broker === 'up';
      this.#show();
    });
    setInterval(() => this.#showDetail(), 1_000);
    this.#show();
  }

  #show() {
    const { status } = this.#bus;
    const connected = status.state === 'connected';
    this.#route.dataset.state = this.#state.dataset.state = status.state;
    this.#route.dataset.broker = this.#isBrokerUp ? 'up' : 'down';
    setText(this.#state, { idle: 'Idle', connecting: 'Connecting', connected: 'Connected', waiting: 'Reconnecting', offline: 'Offline', closed: 'Closed' }[status.state]);
    setText(this.#broker, connected ? this.#isBrokerUp ? 'Up' : 'Down' : 'Unknown');
    this.#showDetail();
  }

  #showDetail() {
    setText(this.#detail, detailOf(this.#bus.status, this.#isBrokerUp));
  }
}

/**
 * @param {import('/bus/client.js').Status} status
 * @param {boolean} isBrokerUp
 */
function detailOf(status, isBrokerUp) {
  switch (status.state) {
    case 'idle':
      return 'Connects with the first subscription.';
    case 'connecting':
      return status.attempt > 0 ? `Attempt ${status.attempt + 1}` : '';
    case 'connected':
      return isBrokerUp ? status.user ? `Signed in as ${status.user}` : '' : 'The gateway has lost its broker and is trying to get it back.';
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1_000));
      return `${sentence(inWords(status.reason))}, next attempt in ${seconds} s`;
    }
    case 'offline':
      return 'The browser says that there is no network.';
    case 'closed':
      return `${sentence(inWords(status.reason))}${status.closeCode ? ` (${status.closeCode})` : ''}. Reload the page to try again.`;
  }
}

/** @param {string} text */
const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * A live region speaks when its text is set, also to what it was.
 * @param {HTMLElement} target
 * @param {string} text
 */
function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/** The publish box. Its channel is the current one of the page. */
class Publisher {
  #channel = element('publish-channel', HTMLInputElement);
  #payload = element('publish-payload', HTMLTextAreaElement);
  #result = element('publish-result', HTMLOutputElement);
  #bus;
  #channels;

  /**
   * @param {MessageBus} bus
   * @param {Channels} channels
   * @param {() => void} onChannel
   */
  constructor(bus, channels, onChannel) {
    this.#bus = bus;
    this.#channels = channels;
    const form = element('publish-form', HTMLFormElement);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.#publish();
    });
    form.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    this.#channel.addEventListener('input', onChannel);
  }

  get channel() {
    return this.#channel.value.trim();
  }

  set channel(channel) {
    this.#channel.value = channel;
  }

  async #publish() {
    const { channel } = this;
    const start = performance.now();
    this.#show('Publishing ...', '');
    try {
      await this.#bus.publish(channel, this.#payload.value);
      const took = Math.max(1, Math.round(performance.now() - start));
      this.#show(`Published to ${channel} in ${took} ms.${this.#channels.has(channel) ? '' : ' This page is not subscribed to it.'}`, 'good');
    } catch (error) {
      this.#show(error instanceof Error ? `${'code' in error ? `${error.code}: ` : ''}${error.message}` : String(error), 'bad');
    }
  }

  /**
   * @param {string} text
   * @param {'' | 'good' | 'bad'} outcome
   */
  #show(text, outcome) {
    this.#result.textContent = text;
    this.#result.dataset.outcome = outcome;
  }
}

/** The lines that do the same from a terminal. */
class Terminal {
  #publishLine = element('redis-line', HTMLElement);
  #watchLine = element('redis-watch-line', HTMLElement);
  #redisCli = 'redis-cli';
  #channel = '';

  constructor() {
    for (const button of document.querySelectorAll('[data-copies]')) {
      if (button instanceof HTMLButtonElement) {
        button.addEventListener('click', () => this.#copy(button));
      }
    }
  }

  /** @param {string} redisCli how to reach the broker, from the gateway's configuration */
  use(redisCli) {
    this.#redisCli = redisCli;
    this.show(this.#channel);
  }

  /** @param {string} channel */
  show(channel) {
    this.#channel = channel;
    const quoted = quote(channel);
    setText(this.#publishLine, `${this.#redisCli} PUBLISH ${quoted} "Hello from a terminal"`);
    setText(this.#watchLine, `${this.#redisCli} SUBSCRIBE ${quoted}`);
  }

  /** @param {HTMLButtonElement} button */
  async #copy(button) {
    const line = element(button.dataset.copies ?? '', HTMLElement);
    try {
      await navigator.clipboard.writeText(line.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      // No clipboard on a page that is not secure: selected, Ctrl+C does it.
      getSelection()?.selectAllChildren(line);
      button.textContent = 'Selected';
    }
    setTimeout(() => button.textContent = 'Copy', 1_500);
  }
}

/**
 * For a shell: channel names may have quotes, dollar signs and semicolons.
 * @param {string} word
 */
function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** How much arrives. */
class Meter {
  #totalText = element('total', HTMLSpanElement);
  #rateText = element('rate', HTMLSpanElement);
  #total = 0;
  #before = 0;
  #draw = oncePerFrame(() => setText(this.#totalText, grouped(this.#total)));

  constructor() {
    setInterval(() => {
      const rate = this.#total - this.#before;
      this.#before = this.#total;
      setText(this.#rateText, rate > 0 ? `, ${grouped(rate)}/s` : '');
    }, 1_000);
  }

  add() {
    this.#total++;
    this.#draw();
  }
}

/**
 * Tells of gaps: after a reconnect there is one for each channel, in one row.
 * @param {MessageBus} bus
 * @param {(text: string) => void} notice
 */
function tellGaps(bus, notice) {
  /** @type {Map<string, Set<string>>} */
  const gaps = new Map();
  const tell = () => {
    for (const [reason, channels] of gaps) {
      notice(`Messages may have been missed on ${[...channels].join(', ')} (${inWords(reason)})`);
    }
    gaps.clear();
  };
  bus.on('gap', ({ channel, reason }) => {
    if (gaps.size === 0) {
      setTimeout(tell, 200);
    }
    gaps.set(reason, (gaps.get(reason) ?? new Set()).add(channel ?? 'all channels'));
  });
}

/** @param {Terminal} terminal */
async function readSettings(terminal) {
  try {
    const { redisCli, broker, version } = await (await fetch('/console.json')).json();
    terminal.use(String(redisCli));
    element('version', HTMLSpanElement).textContent = String(version);
    element('broker-name', HTMLSpanElement).textContent = broker === 'embedded' ? 'Embedded broker' : 'Redis';
  } catch (error) {
    console.warn('The gateway gave no /console.json; the terminal lines assume redis-cli with its defaults.', error);
  }
}

const bus = new MessageBus();
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

function showCurrent() {
  const current = publisher.channel || FIRST_CHANNELS[0] || '';
  channels.select(current);
  terminal.show(current);
}

tellGaps(bus, notice);
bus.on('broker', broker => notice(broker === 'up' ? 'The gateway has its broker back' : 'The gateway has lost its broker'));

channels.restore();
showCurrent();
await readSettings(terminal);
