// The document that React needs, and rendering into it. Import it before anything of react-dom.
import { Window } from 'happy-dom';

const window = new Window({ url: 'https://site.example/' });
Object.assign(globalThis, { window, document: window.document, Element: window.Element, SVGElement: window.SVGElement, IS_REACT_ACT_ENVIRONMENT: true });
globalThis.navigator ??= window.navigator;

const { act, createElement } = await import('react');
const { createRoot, hydrateRoot } = await import('react-dom/client');

/**
 * Renders what `view` returns; `again` with what it returns now, `end` unmounts.
 * @param {() => import('react').ReactNode} view
 */
export async function render(view) {
  const container = document.createElement('div');
  const root = createRoot(container);
  const again = () => act(async () => root.render(view()));
  await again();
  return { again, end: () => act(async () => root.unmount()), get text() { return container.textContent; } };
}

/**
 * Takes over what a server has rendered. `complaints` are React's, of anything that differs.
 * @param {string} html
 * @param {import('react').ReactNode} view
 */
export async function hydrate(html, view) {
  const container = document.createElement('div');
  container.innerHTML = html;
  const complaints = [];
  const root = await act(async () => hydrateRoot(container, view, { onRecoverableError: error => complaints.push(error) }));
  return { complaints, end: () => act(async () => root.unmount()), get text() { return container.textContent; } };
}

export { act, createElement };
