import { useState } from 'react';

interface Identified {
  readonly deviceIdentifier: string;
}

/**
 * Rows in their new order, or in the order they had when `resting` began: nothing may move under a
 * pointer that is about to click. Rows that are new go to the end, rows that are gone leave.
 */
export function useRestingOrder<Row extends Identified>(
  rows: readonly Row[],
  resting: boolean,
  choice: string,
): readonly Row[] {
  const [kept, setKept] = useState<{ order: readonly string[]; choice: string }>({
    order: [],
    choice,
  });
  const ordered = resting && kept.choice === choice ? inOrder(rows, kept.order) : rows;
  const order = ordered.map((row) => row.deviceIdentifier);
  if (kept.choice !== choice || kept.order.join() !== order.join()) setKept({ order, choice });
  return ordered;
}

export function inOrder<Row extends Identified>(
  rows: readonly Row[],
  order: readonly string[],
): readonly Row[] {
  const place = new Map(order.map((identifier, i) => [identifier, i]));
  const placeOf = (row: Row) => place.get(row.deviceIdentifier) ?? order.length;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
}
