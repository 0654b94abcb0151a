import { element, make, oncePerFrame, setText } from './dom.js';
import { WINDOW } from './rates.js';
import { duration, rate } from './words.js';

/** @typedef {import('./rates.js').Point} Point */
/** @typedef {'connections' | 'received' | 'sent' | 'deliveries'} Series */

/** The current value, and the last minutes as a line. A text describes the line for screen readers. */
export class Chart {
  #value = make('span', 'tile-value', '–');
  #top = make('span', 'tile-top', '');
  #canvas = document.createElement('canvas');
  /** @type {readonly Point[]} */
  #points = [];
  #draw = oncePerFrame(() => this.#drawNow());
  #title;
  #series;

  /**
   * @param {string} title
   * @param {Series} series
   * @param {number} line the number of its colour
   */
  constructor(title, series, line) {
    this.#title = title;
    this.#series = series;
    const tile = make('figure', 'tile');
    tile.dataset.line = String(line);
    tile.dataset.testid = `tile-${series}`;
    this.#canvas.setAttribute('role', 'img');
    const plot = make('div', 'tile-plot');
    plot.append(this.#canvas, this.#top);
    const caption = document.createElement('figcaption');
    caption.append(make('span', 'tile-title', title), this.#value);
    tile.append(caption, plot);
    element('tiles', HTMLDivElement).append(tile);
    new ResizeObserver(this.#draw).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#draw);
    this.show([]);
  }

  /** @param {readonly Point[]} points */
  show(points) {
    this.#points = points;
    const values = points.map(point => point[this.#series]);
    const now = values.at(-1);
    setText(this.#value, this.#format(now));
    setText(this.#top, now === undefined ? '' : this.#format(roundUp(Math.max(...values))));
    this.#canvas.setAttribute('aria-label', now === undefined
      ? `${this.#title}: no data yet`
      : `${this.#title} over the last ${duration((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0))}: now ${this.#format(now)}, lowest ${this.#format(Math.min(...values))}, highest ${this.#format(Math.max(...values))}`);
    this.#draw();
  }

  /** @param {number | undefined} value */
  #format(value) {
    return this.#series === 'connections' && value !== undefined ? value.toLocaleString('en') : rate(value);
  }

  #drawNow() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (!context || width === 0) {
      return;
    }
    const scale = devicePixelRatio;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const last = this.#points.at(-1);

    // A short history is drawn wider.
    const shown = Math.min(WINDOW, Math.max(60, last ? last.at - (this.#points[0]?.at ?? 0) : 0));

    context.strokeStyle = style.getPropertyValue('--hair');
    context.lineWidth = 1;
    context.beginPath();
    for (const y of [0.5, height - 0.5]) {
      context.moveTo(0, y);
      context.lineTo(width, y);
    }
    // A mark for each minute.
    for (let minute = 1; minute < shown / 60; minute++) {
      const x = Math.round(width * (1 - minute * 60 / shown)) + 0.5;
      context.moveTo(x, height - 4);
      context.lineTo(x, height);
    }
    context.stroke();
    if (!last) {
      return;
    }

    const top = roundUp(Math.max(...this.#points.map(point => point[this.#series])));
    /** @param {Point} point */
    const xOf = point => width - 2 - (last.at - point.at) / shown * (width - 2);
    /** @param {Point} point */
    const yOf = point => height - 1 - point[this.#series] / top * (height - 4);
    const line = new Path2D();
    this.#points.forEach((point, index) => index === 0 ? line.moveTo(xOf(point), yOf(point)) : line.lineTo(xOf(point), yOf(point)));
    const area = new Path2D(line);
    area.lineTo(xOf(last), height - 1);
    area.lineTo(xOf(this.#points[0] ?? last), height - 1);
    context.fillStyle = context.strokeStyle = style.getPropertyValue('--line');
    context.globalAlpha = 0.14;
    context.fill(area);
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.stroke(line);
    context.beginPath();
    context.arc(xOf(last) - 1, yOf(last), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * The next round number: 1, 2 or 5 times a power of ten.
 * @param {number} value
 */
export function roundUp(value) {
  if (value <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find(step => step * power >= value) ?? 10) * power;
}
