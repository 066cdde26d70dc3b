/** The icons, drawn on a 16-px grid with the text's colour. */

const PATHS = {
  logo: 'M2 11h12M3.2 8.6h3M3.2 6.2h7.2M3.2 3.8h9.6',
  dashboard: 'M2.75 2.75h4.5v6h-4.5zM8.75 2.75h4.5v3h-4.5zM8.75 7.25h4.5v6h-4.5zM2.75 10.25h4.5v3h-4.5z',
  list: 'M2.5 4h1M6 4h7.5M2.5 8h1M6 8h7.5M2.5 12h1M6 12h7.5',
  refresh: 'M13.25 8A5.25 5.25 0 1 1 11.4 4l1.85 1.6M13.25 2.5v3.1h-3.1',
  cross: 'm4.25 4.25 7.5 7.5m0-7.5-7.5 7.5',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.75h11M7 6.5V13',
  chart: 'M2.5 2.5v11h11M4.75 10.5 7.5 7l2.25 2 3.5-4.5',
  back: 'M9.5 3.75 5.25 8l4.25 4.25',
  filter: 'M2.5 3.5h11L9.25 8.75v4.5l-2.5-1.5v-3z',
  copy: 'M5.75 5.75h7.5v7.5h-7.5zM10.25 5.75v-3h-7.5v7.5h3',
  up: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  down: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
  calendar: 'M2.75 3.75h10.5v9.5H2.75zM2.75 6.75h10.5M5.5 2.25v3M10.5 2.25v3',
  person: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM3 13.4c.4-2.4 2.4-3.6 5-3.6s4.6 1.2 5 3.6',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  explore: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  next: 'M6.5 3.75 10.75 8 6.5 12.25',
  grip: 'M6 4h.01M6 8h.01M6 12h.01M10 4h.01M10 8h.01M10 12h.01',
  link: 'M6.75 9.25a2.75 2.75 0 0 0 3.9 0l2.1-2.1a2.75 2.75 0 0 0-3.9-3.9l-.9.9M9.25 6.75a2.75 2.75 0 0 0-3.9 0l-2.1 2.1a2.75 2.75 0 0 0 3.9 3.9l.9-.9',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  bell: 'M4 11V7.25a4 4 0 0 1 8 0V11l1.25 1.25H2.75zM6.75 14h2.5',
  pulse: 'M1.5 8h3l2-4.5 3 9 2-4.5h3',
  robot: 'M3 6h10v7H3zM8 6V3M6 9v1M10 9v1',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
