import { HomePage } from '../../features/home/components/home-page';
import { useTitle } from '../use-title';

export function HomeRoute() {
  useTitle('Devices');
  return <HomePage />;
}
