import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useRouteError } from 'react-router';

/** The last resort: a mistake of ours, shown instead of an empty page. */
export function BrokenPage() {
  const error = useRouteError();
  return (
    <Box
      component="main"
      role="alert"
      sx={{ maxWidth: 640, mx: 'auto', p: 3, display: 'grid', gap: 2 }}
    >
      <Typography variant="h1">This page ran into a mistake of ours</Typography>
      <Typography>Reload it. If it comes again, please report what is written below.</Typography>
      <Box component="pre" sx={{ whiteSpace: 'pre-wrap', m: 0 }}>
        {error instanceof Error ? error.message : String(error)}
      </Box>
      <Button variant="contained" onClick={() => window.location.reload()}>
        Reload
      </Button>
    </Box>
  );
}
