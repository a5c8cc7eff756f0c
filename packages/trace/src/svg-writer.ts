/** Text of an SVG: elements in order, numbers with at most three decimals. */
export class SvgWriter {
  private readonly parts: string[] = [];

  raw(text: string): void {
    this.parts.push(text);
  }

  rect(x: number, y: number, width: number, height: number, attributes: string): void {
    this.raw(`<rect x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}" ${attributes}/>`);
  }

  path(d: string, attributes: string): void {
    this.raw(`<path d="${d}" ${attributes}/>`);
  }

  circle(x: number, y: number, r: number, attributes: string): void {
    this.raw(`<circle cx="${num(x)}" cy="${num(y)}" r="${num(r)}" ${attributes}/>`);
  }

  /** `halo`: outlined in the paper's colour, to be readable over marks. */
  text(x: number, y: number, className: string, text: string, { halo = '', attributes = '' } = {}): void {
    const outline = halo === '' ? '' : ` stroke="${halo}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`;
    this.raw(
      `<text x="${num(x)}" y="${num(y)}" class="${className}"${outline}${attributes === '' ? '' : ` ${attributes}`}>${escapeXml(text)}</text>`,
    );
  }

  toString(): string {
    return `${this.parts.join('\n')}\n`;
  }
}

/** At most three decimals, no exponent, no minus zero. */
export function num(value: number): string {
  const rounded = Math.round(value * 1000) / 1000;
  return String(rounded === 0 ? 0 : rounded);
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/\p{Cc}/gu, '\uFFFD');
}

/** Width of a text in px, guessed from its length: generous, so that what is said to fit does fit. */
export function textWidth(text: string, size: number, bold = false): number {
  return text.length * size * (bold ? 0.58 : 0.55);
}

/** `text`, or as much of it as is not wider than `room` px, the last character an ellipsis. */
export function clipToWidth(text: string, size: number, room: number): string {
  let kept = text;
  while (kept.length > 1 && textWidth(kept, size) > room) kept = `${kept.slice(0, kept.endsWith('…') ? -2 : -1).trimEnd()}…`;
  return kept;
}
