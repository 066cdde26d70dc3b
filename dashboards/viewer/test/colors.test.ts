import assert from 'node:assert/strict';
import { test } from 'node:test';

import tokens from '../styles/tokens.css';

const [light, dark] = tokens.split('@media').map(readColors) as [Colors, Colors];

type Colors = Map<string, string>;

function readColors(css: string): Colors {
  return new Map([...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1]!, match[2]!]));
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((one, other) => other - one) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const TEXT = ['ink', 'ink-2', 'ink-3', 'accent', 'good-text', 'fair-text', 'poor-text'];
const SURFACES = ['surface', 'page', 'sunken'];

for (const [scheme, colors] of Object.entries({ light, dark })) {
  test(`text is readable on every surface in ${scheme}`, () => {
    for (const text of TEXT) {
      for (const surface of SURFACES) {
        const ratio = contrast(colors.get(text)!, colors.get(surface)!);
        assert.ok(ratio >= 4.5, `--${text} on --${surface} is ${ratio.toFixed(2)}:1`);
      }
    }
  });

  test(`text is readable on the accent in ${scheme}`, () => {
    assert.ok(contrast(colors.get('on-accent')!, colors.get('accent')!) >= 4.5);
    assert.ok(contrast(colors.get('accent')!, colors.get('accent-soft')!) >= 4.5);
  });

  test(`lines are seen on the surface in ${scheme}`, () => {
    for (let index = 0; index < 8; index += 1) {
      const ratio = contrast(colors.get(`series-${index}`)!, colors.get('surface')!);
      assert.ok(ratio >= 3, `--series-${index} is ${ratio.toFixed(2)}:1`);
    }
  });
}
