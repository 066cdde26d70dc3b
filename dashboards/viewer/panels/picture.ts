/**
 * Draws a panel as an SVG file of its own, as it looks now: backgrounds, texts and drawings, with the colours that the page gave
 * them. Texts are texts and lines are lines, so any program can change them.
 */

const SVG = 'http://www.w3.org/2000/svg';
const PAINTED = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity',
  'font-size', 'font-weight', 'paint-order', 'text-anchor',
] as const;
const HIDDEN = '.spoken, .panel-menu, .icon-button, button.more';

export function drawPanel(panel: HTMLElement): { text: string; width: number; height: number } {
  const box = panel.getBoundingClientRect();
  const root = make('svg', { width: box.width, height: box.height, viewBox: `0 0 ${box.width} ${box.height}` });
  root.setAttribute('font-family', getComputedStyle(panel).fontFamily);
  for (const child of drawElement(panel, box)) root.append(child);
  return { text: new XMLSerializer().serializeToString(root), width: Math.ceil(box.width), height: Math.ceil(box.height) };
}

function drawElement(element: Element, frame: DOMRect): SVGElement[] {
  if (element.matches(HIDDEN)) return [];
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) return [];
  const style = getComputedStyle(element);
  if (style.visibility === 'hidden') return [];
  if (element instanceof SVGSVGElement) return [copySvg(element, box, frame)];
  if (element instanceof HTMLCanvasElement) return [copyCanvas(element, box, frame)];
  const drawn = drawBox(style, box, frame);
  for (const node of element.childNodes) {
    if (node instanceof Element) drawn.push(...drawElement(node, frame));
    else if (node instanceof Text) drawn.push(...drawText(node, style, frame));
  }
  return drawn;
}

function drawBox(style: CSSStyleDeclaration, box: DOMRect, frame: DOMRect): SVGElement[] {
  const border = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none' && parseFloat(style.borderLeftWidth) > 0;
  if (isClear(style.backgroundColor) && !border) return [];
  return [make('rect', {
    x: box.x - frame.x, y: box.y - frame.y, width: box.width, height: box.height,
    rx: Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.height / 2),
    fill: isClear(style.backgroundColor) ? 'none' : style.backgroundColor,
    stroke: border ? style.borderTopColor : 'none',
  })];
}

function isClear(color: string): boolean {
  return color === 'transparent' || /, 0\)$/.test(color);
}

/** One line of text for each line that the browser made of it. */
function drawText(node: Text, style: CSSStyleDeclaration, frame: DOMRect): SVGElement[] {
  const range = document.createRange();
  const lines: { text: string; box: DOMRect }[] = [];
  for (let index = 0; index < node.data.length; index += 1) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const box = range.getBoundingClientRect();
    const line = lines.at(-1);
    if (box.width === 0) continue;
    if (line && Math.abs(line.box.y - box.y) < 2) line.text += node.data[index];
    else lines.push({ text: node.data[index]!, box });
  }
  return lines.map(({ text, box }) => {
    const drawn = make('text', {
      x: box.x - frame.x, y: box.y - frame.y + box.height * 0.79,
      fill: style.color, 'font-size': style.fontSize, 'font-weight': style.fontWeight,
    });
    drawn.textContent = text;
    return drawn;
  });
}

function copySvg(svg: SVGSVGElement, box: DOMRect, frame: DOMRect): SVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [[svg, ...svg.querySelectorAll('*')], [copy, ...copy.querySelectorAll('*')]];
  from.forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of PAINTED) {
      const value = style.getPropertyValue(name);
      if (value) to[index]!.setAttribute(name, value);
    }
    to[index]!.removeAttribute('class');
  });
  for (const [name, value] of Object.entries({ x: box.x - frame.x, y: box.y - frame.y, width: box.width, height: box.height })) {
    copy.setAttribute(name, String(value));
  }
  return copy;
}

function copyCanvas(canvas: HTMLCanvasElement, box: DOMRect, frame: DOMRect): SVGElement {
  return make('image', {
    x: box.x - frame.x, y: box.y - frame.y, width: box.width, height: box.height, href: canvas.toDataURL(), preserveAspectRatio: 'none',
  });
}

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
