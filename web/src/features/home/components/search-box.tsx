import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { useEffect, useRef } from 'react';

interface SearchBoxProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Search over every column; `/` leads here from anywhere on the page, Escape empties it. */
export function SearchBox({ value, onChange }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      const typing = target?.closest('input, textarea, select, [contenteditable="true"]');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <TextField
      size="small"
      type="search"
      label="Search devices"
      value={value}
      inputRef={input}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onChange('');
      }}
      sx={{ width: { xs: '100%', sm: 300 } }}
      slotProps={{
        input: {
          endAdornment: (
            <InputAdornment position="end">
              <kbd aria-hidden="true">/</kbd>
            </InputAdornment>
          ),
        },
      }}
    />
  );
}
