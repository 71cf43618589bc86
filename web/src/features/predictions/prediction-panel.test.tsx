import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { zoneOf } from '../../lib/time-zone';
import type { Prediction } from './api/predictions';
import { PredictionPanel } from './components/prediction-panel';

const life: Prediction = {
  path: 'engine',
  kind: 'REMAINING_USEFUL_LIFE',
  model: 'turbofan',
  version: '1',
  timestamp: '2026-11-27T10:00:00Z',
  predicted: null,
  probability: null,
  state: 'VALUE',
  value: 84.2,
  lower: 61,
  upper: 118,
  unit: 'cycles',
  reason: 'why',
};

function show(prediction: Prediction) {
  render(
    <PredictionPanel
      prediction={prediction}
      zone={zoneOf('UTC')}
      now={Date.parse('2026-11-27T10:01:00Z')}
    />,
  );
}

test('a life that can be told is a range', () => {
  show(life);
  expect(screen.getByText('84 cycles')).toBeVisible();
  expect(screen.getByText(/Likely between/)).toHaveTextContent('Likely between 61 and 118 cycles');
});

test('while wear cannot be seen it says more than, and no number that it does not know', () => {
  show({ ...life, state: 'MORE_THAN', value: null, lower: 113.4, upper: null });
  expect(screen.getByText('More than 113 cycles')).toBeVisible();
  expect(screen.queryByText(/Likely between/)).toBeNull();
});

test.each([
  ['PENDING', 'Not enough data yet'],
  ['ERROR', 'Cannot be told now'],
] as const)('%s is told from having no wear', (state, words) => {
  show({ ...life, state, value: null, lower: null, upper: null });
  expect(screen.getByText(words)).toBeVisible();
});

test('without degradation there is nothing to tell', () => {
  show({ ...life, state: 'NOT_APPLICABLE', value: null, lower: null, upper: null });
  expect(screen.getByText('No wear to extrapolate yet')).toBeVisible();
});
