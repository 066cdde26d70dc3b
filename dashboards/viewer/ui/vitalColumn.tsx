/** The column of one vital in a table of page views. */

import { formatVital } from '../format';
import type { Row, VitalName } from '../types';
import { VITALS, rate } from '../vitals';
import type { Column } from './dataTable';
import { RatedValue } from './rating';

export function vitalColumn(name: VitalName): Column<Row> {
  const vital = VITALS[name];
  return {
    key: `${name}.value`,
    title: vital.short,
    number: true,
    render: (row) => {
      const value = row[`${name}.value`];
      if (typeof value !== 'number') return <span class="unrated" title={vital.absent}>–</span>;
      return <RatedValue text={formatVital(name, value)} rating={rate(vital, value)} />;
    },
  };
}
