/**
 * What carries the texts of one connection both ways. There is a new one for each attempt.
 * @typedef {object} Transport
 * @property {(text: string) => void} send
 * @property {() => number} bufferedBytes sent, and not yet on its way
 * @property {() => void} close what happens afterwards is not told any more
 *
 * @typedef {object} TransportEvents
 * @property {() => void} onOpen
 * @property {(text: unknown) => void} onMessage
 * @property {(closeCode: number) => void} onClose once, also where it never opened. The codes are those of WebSocket: 1006 where the network went
 *
 * @callback Dial throws where this URL will not do, now or later
 * @param {string} url ws: or wss:
 * @param {TransportEvents} events
 * @returns {Transport}
 */
export {};
