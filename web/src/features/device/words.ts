const anomalyKinds: Record<string, string> = {
  point: 'Single value',
  level_shift: 'Level shift',
  drift: 'Drift',
  flat_line: 'Flat line',
  spread: 'Spread',
  out_of_range: 'Out of range',
  contextual: 'Unusual at this time',
  dropped_data: 'Data missing',
  shape: 'Unusual course',
  relation: 'Broken relation',
};

const eventKinds: Record<string, string> = {
  status_changed: 'Status',
  gap: 'Gap',
  registered: 'Registered',
  updated: 'Updated',
  journal_replaced: 'Journal replaced',
  journal_forked: 'Journal forked',
  quarantined: 'Quarantined',
};

export const anomalyKind = (kind: string): string => anomalyKinds[kind] ?? sentence(kind);
export const eventKind = (kind: string): string => eventKinds[kind] ?? sentence(kind);

function sentence(kind: string): string {
  const text = kind.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
