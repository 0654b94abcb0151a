import { useState } from 'react';
import { useBus, useBusStatus, useMessageBus } from '@messagebus/client/react';

export function Visitors() {
  const bus = useBus();
  const { state } = useBusStatus();
  const [visitors, setVisitors] = useState([]);
  const [isReady, setReady] = useState(false);

  useMessageBus('visitor-arrival', (payload, channel) => setVisitors(before => [...before, `${payload} (${channel})`]), {
    onSubscribed: () => setReady(true),
  });

  return (
    <>
      <p role="status">{state}, {bus.mode}</p>
      <button disabled={!isReady} onClick={() => bus.publish('visitor-arrival', 'Ada')}>Ada arrives</button>
      <ul>{visitors.map((visitor, i) => <li key={i}>{visitor}</li>)}</ul>
    </>
  );
}
