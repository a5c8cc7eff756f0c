import { ConformError } from '../errors.js';

/** Values of variables, at the event. A name that is not there is 0. */
export type Environment = Readonly<Record<string, number>>;

export type Guard = (env: Environment) => boolean;

const TOKEN = /\s*(\|\||&&|[=!<>]=|[<>!()]|[A-Za-z_]\w*|-?\d+)/y;

/**
 * Comparisons (`== != < <= > >=`) of names and whole numbers, joined by `||`, `&&` and `!`, with parentheses; as in C.
 * Throws `ConformError` (C002).
 */
export function parseGuard(text: string): Guard {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim() !== '';) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw badGuard(text);
    tokens.push(token);
  }
  const take = (expected: string): boolean => tokens[0] === expected && tokens.shift() !== undefined;

  const either = (): Guard => {
    const first = both();
    if (!take('||')) return first;
    const rest = either();
    return env => first(env) || rest(env);
  };
  const both = (): Guard => {
    const first = single();
    if (!take('&&')) return first;
    const rest = both();
    return env => first(env) && rest(env);
  };
  const single = (): Guard => {
    if (take('!')) {
      const inner = single();
      return env => !inner(env);
    }
    if (take('(')) {
      const inner = either();
      if (!take(')')) throw badGuard(text);
      return inner;
    }
    const left = value();
    const compare = COMPARE[tokens[0] ?? ''];
    if (compare === undefined) return env => left(env) !== 0;
    tokens.shift();
    const right = value();
    return env => compare(left(env), right(env));
  };
  const value = (): ((env: Environment) => number) => {
    const token = tokens.shift();
    if (token === undefined || !/^[\w-]/.test(token)) throw badGuard(text);
    return /^-?\d/.test(token) ? () => Number(token) : env => env[token] ?? 0;
  };

  const guard = either();
  if (tokens.length > 0) throw badGuard(text);
  return guard;
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const badGuard = (text: string): ConformError => new ConformError('C002', `a guard that cannot be read: ${JSON.stringify(text)}`);
