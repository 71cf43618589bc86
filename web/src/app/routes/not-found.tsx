import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import { Link as RouterLink } from 'react-router';
import { EmptyNotice } from '../../components/notices';
import { useTitle } from '../use-title';

export function NotFoundRoute() {
  useTitle('Not found');
  return (
    <Paper>
      <EmptyNotice
        isPage
        title="There is no such page"
        action={
          <Button variant="outlined" component={RouterLink} to="/">
            All devices
          </Button>
        }
      >
        The address may have a typing error.
      </EmptyNotice>
    </Paper>
  );
}
