import type { Picture } from './picture.ts';

/** Where the picture goes in the page that the build makes of ladder/. */
const PLACE = '/* the picture */';

/**
 * Puts a picture into the page. What peers have sent is in it: in a script element of JSON only `<` could end the
 * element, and is escaped.
 */
export function pageOf(picture: Picture, template: string): string {
  const [before = '', ...after] = template.split(PLACE);
  return `${before}${JSON.stringify(picture).replaceAll('<', String.raw`\u003c`)}${after.join(PLACE)}`;
}
