/** Saves what a panel shows: its rows as CSV, its question and answer as JSON, its picture as SVG or PNG. */

import { harmless } from '../format';
import type { Answer, QueryRequest, Value } from '../types';
import { drawPanel } from './picture';
import type { Sheet, SheetColumn } from './sheet';

interface Saved {
  panel: HTMLElement;
  name: string;
  sheet: Sheet;
  answer: Answer;
  request: QueryRequest | null;
}

export async function savePanel(format: 'csv' | 'json' | 'svg' | 'png', { panel, name, sheet, answer, request }: Saved): Promise<void> {
  switch (format) {
    case 'csv':
      return saveFile(`${name}.csv`, new Blob([toCsv(sheet)], { type: 'text/csv' }));
    case 'json':
      return saveFile(`${name}.json`, new Blob([JSON.stringify({ request, answer }, null, 2)], { type: 'application/json' }));
    case 'svg':
      return saveFile(`${name}.svg`, new Blob([drawPanel(panel).text], { type: 'image/svg+xml' }));
    case 'png':
      return saveFile(`${name}.png`, await paint(drawPanel(panel)));
  }
}

/** With one of these a spreadsheet takes a text for a formula. https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/** Writes rows as CSV (RFC 4180). A text that a spreadsheet would compute begins with an apostrophe. */
export function toCsv({ columns, rows }: Sheet): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map((value, place) => toCell(columns[place]!, value)))];
  return lines.map((cells) => cells.map(quote).join(',')).join('\r\n') + '\r\n';
}

function toCell({ kind }: SheetColumn, value: Value): string {
  if (value === null || value === undefined) return '';
  if (kind === 'time') return new Date(Number(value)).toISOString();
  if (typeof value !== 'string') return String(value);
  return harmless(FORMULA.test(value) ? `'${value}` : value);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function paint({ text, width, height }: { text: string; width: number; height: number }): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  // Twice as many pixels, so that it stays sharp in a document.
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser could not draw the picture.')))),
  );
}

export function saveFile(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
