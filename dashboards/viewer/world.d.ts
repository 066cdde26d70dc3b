/** The countries of the world as paths of SVG. `world.mjs` makes it. */
declare module 'world' {
  export const WIDTH: number;
  export const HEIGHT: number;
  /** What has no code of its own. */
  export const LAND: string;
  /** By the two letters of ISO 3166. */
  export const COUNTRIES: Readonly<Record<string, string>>;
}
