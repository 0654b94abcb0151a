import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { MessageBus } from '@messagebus/client';
import { BusContext } from '@messagebus/client/react';
import { Visitors } from './Visitors.jsx';

// Where the gateway is on the page's own origin, as behind a reverse proxy, neither the address nor the context is needed.
const bus = new MessageBus({ url: import.meta.env.VITE_BUS_URL ?? '/bus' });

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <BusContext.Provider value={bus}>
      <Visitors />
    </BusContext.Provider>
  </StrictMode>,
);
