/** Colours of pictures (`gantt-style.md`): a task has a colour; state is shape, height and hatch. */
export interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly faint: string;
  readonly rule: string;
  readonly grid: string;
  readonly bad: string;
  readonly good: string;
  readonly throttled: string;
  /** Bodies of tasks, in order of use. */
  readonly bodies: readonly string[];
  /** Share of the body colour in hatch grounds and waiting strips, in percent. */
  readonly tint: number;
}

export const LIGHT: Theme = {
  paper: '#FFFFFF',
  ink: '#1B2733',
  muted: '#5A6774',
  faint: '#8B97A3',
  rule: '#C3CBD3',
  grid: '#E6EAEE',
  bad: '#C8450B',
  good: '#0B7A57',
  throttled: '#E2A413',
  bodies: ['#C8450B', '#E2A413', '#084E8A', '#6B4C9A', '#2E8F88', '#A83A6B', '#7A8B1E', '#8A5A2B'],
  tint: 14,
};

export const DARK: Theme = {
  paper: '#10161C',
  ink: '#E8EDF2',
  muted: '#9AA7B4',
  faint: '#74828F',
  rule: '#33404C',
  grid: '#1E2832',
  bad: '#E8642A',
  good: '#2FB489',
  throttled: '#EDB63A',
  bodies: ['#E8642A', '#EDB63A', '#3F7FC0', '#8C6DBD', '#4BB0A8', '#C95C8C', '#9BAE3C', '#AD7A48'],
  tint: 22,
};

/** `percent` of `colour` over `ground`, both `#RRGGBB`. */
export function blend(colour: string, ground: string, percent: number): string {
  const mixed = [1, 3, 5].map(i => {
    const c = Number.parseInt(colour.slice(i, i + 2), 16);
    const g = Number.parseInt(ground.slice(i, i + 2), 16);
    return Math.floor((c * percent + g * (100 - percent)) / 100 + 0.5);
  });
  return `#${mixed.map(v => v.toString(16).padStart(2, '0').toUpperCase()).join('')}`;
}

/** White where it reads on `body` (contrast 4.5 or more), else dark ink. */
export function textOn(body: string): string {
  return 1.05 / (luminance(body) + 0.05) >= 4.5 ? '#FFFFFF' : '#1B2733';
}

/** Relative luminance as WCAG defines it. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map(i => {
    const v = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
