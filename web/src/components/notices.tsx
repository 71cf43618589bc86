import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { createContext, useContext, type ReactNode } from 'react';
import { describeError, isUnreachable } from '../lib/describe-error';
import { localTime, zoneOf } from '../lib/time-zone';

interface ErrorNoticeProps {
  readonly error: unknown;
  /** When the shown data was received; the notice then says that it is old. */
  readonly lastSuccess?: number | undefined;
  readonly onRetry?: () => void;
}

const browserZone = () => zoneOf(Intl.DateTimeFormat().resolvedOptions().timeZone);

/** True below a notice that already says that the server cannot be reached: once is enough. */
export const OutageContext = createContext(false);

/** A sentence and the next step; the technical part unfolds. */
export function ErrorNotice({ error, lastSuccess, onRetry }: ErrorNoticeProps) {
  const told = useContext(OutageContext);
  if (told && isUnreachable(error)) return null;
  const { sentence, nextStep, detail } = describeError(error);
  const since =
    lastSuccess === undefined
      ? 'Nothing was received yet.'
      : `What you see was received at ${localTime(lastSuccess, browserZone())} (your time).`;
  return (
    <Alert
      severity="error"
      role="alert"
      variant="outlined"
      icon={<Glyph text="!" />}
      sx={{ bgcolor: 'background.paper', '& .MuiAlert-message': { flexGrow: 1, minWidth: 0 } }}
      action={
        onRetry ? (
          <Button color="inherit" size="small" onClick={onRetry}>
            Try again
          </Button>
        ) : undefined
      }
    >
      <Typography sx={{ fontWeight: 600 }}>{sentence}</Typography>
      <Typography variant="body2">{nextStep}</Typography>
      <Box component="details" sx={{ mt: 0.5, fontSize: '0.85rem' }}>
        <Box component="summary" sx={{ cursor: 'pointer' }}>
          Technical detail
        </Box>
        <Box>{since}</Box>
        <Box component="pre" sx={{ m: 0, fontSize: '0.78rem', whiteSpace: 'pre-wrap' }}>
          {detail}
        </Box>
      </Box>
    </Alert>
  );
}

interface EmptyNoticeProps {
  readonly title: string;
  /** True when the notice is all that the page has to say: its title is the page's heading. */
  readonly isPage?: boolean;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Nothing to show, and what to do about it. */
export function EmptyNotice({ title, isPage = false, children, action }: EmptyNoticeProps) {
  return (
    <Box sx={{ p: 3, textAlign: 'center' }}>
      <Typography component={isPage ? 'h1' : 'p'} sx={{ fontWeight: 600 }}>
        {title}
      </Typography>
      <Typography variant="body2" color="textSecondary" component="div">
        {children}
      </Typography>
      {action ? <Box sx={{ mt: 1.5 }}>{action}</Box> : null}
    </Box>
  );
}

function Glyph({ text }: { readonly text: string }) {
  return (
    <Box
      component="span"
      aria-hidden
      sx={{
        width: 20,
        height: 20,
        border: '2px solid currentColor',
        borderRadius: '50%',
        display: 'grid',
        placeItems: 'center',
        fontSize: 12,
        fontWeight: 700,
      }}
    >
      {text}
    </Box>
  );
}
