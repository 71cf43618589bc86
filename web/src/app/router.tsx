import { createBrowserRouter, type RouteObject } from 'react-router';
import { Frame } from './frame';
import { BrokenPage } from './routes/broken';
import { HomeRoute } from './routes/home';
import { LoginRoute } from './routes/login';
import { NotFoundRoute } from './routes/not-found';

export const routes: RouteObject[] = [
  {
    path: '/',
    element: <Frame />,
    errorElement: <BrokenPage />,
    // Nothing to show while the first route's code arrives: it takes a fraction of a second.
    hydrateFallbackElement: <></>,
    children: [
      { index: true, element: <HomeRoute /> },
      {
        path: 'devices/:device',
        // Charts are the larger half of the code; the list does not wait for them.
        lazy: async () => ({ Component: (await import('./routes/device')).DeviceRoute }),
      },
      { path: 'login', element: <LoginRoute /> },
      { path: '*', element: <NotFoundRoute /> },
    ],
  },
];

export function makeRouter() {
  return createBrowserRouter(routes);
}
