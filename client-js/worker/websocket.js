import { SUBPROTOCOL } from './protocol.js';

/**
 * A WebSocket is a transport.
 * @param {import('./environment.js').Socket} WebSocket
 * @returns {import('./transport.js').Dial}
 */
export const overWebSocket = WebSocket => (url, { onOpen, onMessage, onClose }) => {
  const socket = new WebSocket(url, [SUBPROTOCOL]);
  let isClosed = false;
  /** @param {(event: any) => void} listener */
  const whileInUse = listener => (/** @type {Event} */ event) => isClosed || listener(event);
  socket.addEventListener('open', whileInUse(onOpen));
  socket.addEventListener('message', whileInUse(({ data }) => onMessage(data)));
  socket.addEventListener('close', whileInUse(({ code }) => onClose(code)));
  // It says nothing that `close` does not say, but outside of browsers an error without a listener ends the process.
  socket.addEventListener('error', () => {});
  return {
    send: text => socket.send(text),
    bufferedBytes: () => socket.bufferedAmount,
    close: () => {
      isClosed = true;
      socket.close(1000);
    },
  };
};
