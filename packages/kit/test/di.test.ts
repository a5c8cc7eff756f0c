import {
  Inject,
  Injectable,
  add,
  createContainer,
  get,
  getAll,
  isProvided,
  provide,
  replace,
  token,
  type WiringError,
} from '../src/index.js';

interface Clock {
  now(): number;
}
interface Rng {
  next(): bigint;
}

const CLOCK = token<Clock>('test/clock');
const RNG = token<Rng>('test/rng');
const USER = token<User>('test/user');
const NAME = token<string>('test/name');

const clockAt = (instant: number): Clock => ({ now: () => instant });

@Injectable()
class User {
  constructor(
    @Inject(CLOCK) readonly clock: Clock,
    @Inject(NAME) readonly name: string,
  ) {}
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return (error as WiringError).code;
  }
  return undefined;
}

describe('tokens', () => {
  test('agree by name, so that two copies of a package do', () => {
    expect(token<Clock>('test/clock')).toBe(CLOCK);
    expect(CLOCK.description).toBe('@proxysched/test/clock');
  });

  test('are checked against the parameter and against the recipe', () => {
    const c = createContainer();
    // @ts-expect-error -- a number is not a clock
    provide(c, CLOCK, { value: 5 });
    // @ts-expect-error -- and undefined is not a value
    expect(() => provide(c, NAME, { value: undefined })).not.toThrow();
    class Wrong {
      // @ts-expect-error -- the token of a generator on a parameter that wants a clock
      constructor(@Inject(RNG) readonly clock: Clock) {}
    }
    expect(Wrong).toBeDefined();
  });
});

describe('a class', () => {
  test('gets what its tokens name, once per container', () => {
    const c = createContainer();
    provide(c, CLOCK, { value: clockAt(7) });
    provide(c, NAME, { value: 'seven' });
    provide(c, USER, { class: User });
    expect(get(c, USER).clock.now()).toBe(7);
    expect(get(c, USER).name).toBe('seven');
    expect(get(c, USER)).toBe(get(c, USER));
  });

  test('is not shared between containers', () => {
    const [a, b] = [1, 2].map(instant => {
      const c = createContainer();
      provide(c, CLOCK, { value: clockAt(instant) });
      provide(c, NAME, { value: '' });
      provide(c, USER, { class: User });
      return get(c, USER);
    });
    expect(a).not.toBe(b);
    expect([a!.clock.now(), b!.clock.now()]).toEqual([1, 2]);
  });

  test('with a parameter that has no token is refused where it is defined', () => {
    expect(
      codeOf(() => {
        @Injectable()
        class Forgetful {
          constructor(
            @Inject(CLOCK) readonly clock: Clock,
            readonly rng: Rng,
          ) {}
        }
        return Forgetful;
      }),
    ).toBe('parameter-without-token');
  });
});

describe('a factory', () => {
  test('runs once for each container', () => {
    const recipe = { factory: () => clockAt(0) };
    const a = createContainer();
    const b = createContainer();
    provide(a, CLOCK, recipe);
    provide(b, CLOCK, recipe);
    expect(get(a, CLOCK)).toBe(get(a, CLOCK));
    expect(get(a, CLOCK)).not.toBe(get(b, CLOCK));
  });

  test('may resolve from the container it is given', () => {
    const c = createContainer();
    provide(c, NAME, { value: 'n' });
    provide(c, USER, { factory: from => new User(clockAt(3), get(from, NAME)) });
    expect(get(c, USER).name).toBe('n');
  });
});

describe('one token, several recipes', () => {
  test('provide refuses the second, replace overrides', () => {
    const c = createContainer();
    provide(c, NAME, { value: 'first' });
    expect(codeOf(() => provide(c, NAME, { value: 'second' }))).toBe('already-provided');
    replace(c, NAME, { value: 'third' });
    expect(get(c, NAME)).toBe('third');
  });

  test('add keeps the order', () => {
    const c = createContainer();
    for (const value of ['deadline', 'rt', 'fair']) add(c, NAME, { value });
    expect(getAll(c, NAME)).toEqual(['deadline', 'rt', 'fair']);
  });
});

test('nothing provided: get says so, getAll is empty', () => {
  const c = createContainer();
  expect(isProvided(c, NAME)).toBe(false);
  expect(codeOf(() => get(c, NAME))).toBe('not-provided');
  expect(getAll(c, NAME)).toEqual([]);
});
