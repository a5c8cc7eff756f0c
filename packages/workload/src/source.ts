/** A stretch of a text, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Line and column, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A text with its name, and lines for offsets. */
export class Source {
  private starts: number[] | null = null;

  constructor(
    readonly file: string,
    readonly text: string,
  ) {}

  place(offset: number): Place {
    const starts = (this.starts ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
