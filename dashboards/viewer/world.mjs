/**
 * The countries of the world as paths, made at build time: the shapes of Natural Earth (public domain, 1:110 million, from the package
 * world-atlas) in the projection of the same name, which draws the many small countries of Europe larger than maps that keep areas.
 *
 * Bundles import it as `world`, see world.d.ts.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const WIDTH = 1000;
/** Antarctica has no visitors, and would take a fifth of the height. */
const LEFT_OUT = new Set(['010']);
/** Shapes smaller than this, in units of the map, are drawn as dots: nobody could see or point at them. */
const SMALL = 4;

/** For esbuild: gives `world` as a module. */
export const world = {
  name: 'world',
  setup(step) {
    step.onResolve({ filter: /^world$/ }, () => ({ path: 'world', namespace: 'world' }));
    step.onLoad({ filter: /.*/, namespace: 'world' }, async () => ({ contents: toModule(await readWorld()), loader: 'js' }));
  },
};

function toModule({ width, height, land, countries }) {
  return `export const WIDTH = ${width}, HEIGHT = ${height}, LAND = ${JSON.stringify(land)};
export const COUNTRIES = ${JSON.stringify(countries)};`;
}

async function readWorld() {
  const file = fileURLToPath(new URL('node_modules/world-atlas/countries-110m.json', import.meta.url));
  const topology = JSON.parse(await readFile(file, 'utf8'));
  const arcs = topology.arcs.map((arc) => toDegrees(arc, topology.transform));
  const shapes = topology.objects.countries.geometries
    .filter(({ id }) => !LEFT_OUT.has(id))
    .map((geometry) => ({ code: codeOf(geometry), rings: ringsOf(geometry, arcs).map(unwrap) }));
  const projected = shapes.map(({ code, rings }) => ({ code, rings: rings.map((ring) => ring.map(project)) }));
  const all = projected.flatMap(({ rings }) => rings.flat());
  const [left, right, top, bottom] = [least(all, 0), most(all, 0), least(all, 1), most(all, 1)];
  const scale = WIDTH / (right - left);
  const place = ([x, y]) => [(x - left) * scale, (y - top) * scale];
  const placed = projected.map(({ code, rings }) => ({ code, rings: rings.map((ring) => ring.map(place)) }));
  return {
    width: WIDTH,
    height: Math.ceil((bottom - top) * scale),
    // What is claimed by several has no code of its own, but is land.
    land: placed.filter(({ code }) => !code).map(({ rings }) => toPath(rings)).join(''),
    countries: Object.fromEntries(placed.filter(({ code }) => code).map(({ code, rings }) => [code, toPath(rings)])),
  };
}

/** The two letters that ISO 3166 has for a country; the shapes have its number, which is another name of the same region. */
function codeOf({ id, properties }) {
  if (properties.name === 'Kosovo') return 'XK';
  return id ? new Intl.Locale(`und-${id}`).region : '';
}

/** An arc of the topology holds steps on a grid. https://github.com/topojson/topojson-specification */
function toDegrees(arc, { scale, translate }) {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
}

function ringsOf({ type, arcs: parts }, arcs) {
  const polygons = type === 'Polygon' ? [parts] : parts;
  return polygons.flat().map((ring) => ring.flatMap((number, place) => {
    const arc = number < 0 ? [...arcs[~number]].reverse() : arcs[number];
    return place === 0 ? arc : arc.slice(1);
  }));
}

/** Draws a ring that crosses the date line on one side of the map, where most of it is: the far east of Russia is in the east. */
function unwrap(ring) {
  const whole = ring.reduce((done, [x, y]) => {
    const last = done.at(-1)?.[0] ?? x;
    return [...done, [x + 360 * Math.round((last - x) / 360), y]];
  }, []);
  const middle = (least(whole, 0) + most(whole, 0)) / 2;
  // The Aleutian Islands and Fiji are split at the line otherwise; what is west of Alaska is east of Kamchatka.
  const turn = middle < -169.5 ? 360 : middle > 190 ? -360 : 0;
  return whole.map(([x, y]) => [x + turn, y]);
}

/** Longitude and latitude in degrees to x and y, with y downwards. https://doi.org/10.1559/152304012X13423700711313 */
function project([longitude, latitude]) {
  const [x, y] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  const y2 = y ** 2;
  const y4 = y2 ** 2;
  return [
    x * (0.8707 - 0.131979 * y2 + y4 * (-0.013791 + y4 * (0.003971 * y2 - 0.001529 * y4))),
    -y * (1.007226 + y2 * (0.015085 + y4 * (-0.044475 + 0.028874 * y2 - 0.005916 * y4))),
  ];
}

/** A path of halves, as steps from point to point; a ring too small to see is a dot. */
function toPath(rings) {
  return rings.map((ring) => {
    const [first, ...others] = ring.map(([x, y]) => [Math.round(x * 2) / 2, Math.round(y * 2) / 2]);
    let last = first;
    const steps = others.flatMap((point) => {
      const [dx, dy] = [point[0] - last[0], point[1] - last[1]];
      last = point;
      return dx === 0 && dy === 0 ? [] : `${dx}${dy < 0 ? '' : ' '}${dy}`;
    });
    const size = Math.max(most(ring, 0) - least(ring, 0), most(ring, 1) - least(ring, 1));
    if (size < SMALL) return `M${first[0] - 1} ${first[1] - 1}h2v2h-2z`;
    return `M${first.join(' ')}l${steps.join(' ').replaceAll(' -', '-')}z`;
  }).join('');
}

function least(points, axis) {
  return Math.min(...points.map((point) => point[axis]));
}

function most(points, axis) {
  return Math.max(...points.map((point) => point[axis]));
}
