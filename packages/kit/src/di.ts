// The only module that knows tsyringe. Everyone else, plug-ins of third parties included, sees the functions below: so the
// polyfill always comes first, there is one copy of the container, and the container can be exchanged.
import './polyfill.js';
import { container, inject, injectable, Lifecycle, type DependencyContainer, type InjectionToken } from 'tsyringe';
import { alreadyProvided, notProvided, parameterWithoutToken } from './errors.js';

declare const resolvesTo: unique symbol;

/** A symbol that remembers, for the compiler alone, the type it stands for. */
export type Token<T> = symbol & { readonly [resolvesTo]?: (value: T) => T };

/** What modules register into while a simulation is being built. Nothing that runs later holds one. */
export type Container = DependencyContainer;

/** How a token gets its instance: as it is, made by a function, or built by the container. One instance per container. */
export type Recipe<T> =
  { readonly value: T & {} } | { readonly factory: (from: Container) => T } | { readonly class: new (...args: never[]) => T };

/** Any class at all: `never` parameters accept every constructor, since nobody can call it through this type. */
type Constructor = abstract new (...args: never[]) => unknown;
type ParametersOf<C extends Constructor> = C extends abstract new (...args: infer A) => unknown ? A : never;
/** The shape tsyringe asks for where it wants "any class". */
type Buildable<T> = new (...args: unknown[]) => T;

/** A token by name. `Symbol.for`: two installed copies of a package still agree. */
export function token<T>(name: string): Token<T> {
  return Symbol.for(`@proxysched/${name}`);
}

/** Names the token of a constructor parameter; the compiler compares the token's type with the parameter's. */
export function Inject<T>(
  t: Token<T>,
): <C extends Constructor, I extends number>(target: C, key: undefined, index: T extends ParametersOf<C>[I] ? I : never) => void {
  const decorate = inject(t as InjectionToken<T>);
  return (target, key, index) => {
    decorate(target, key, index);
  };
}

/** Marks a class the container may build. A parameter without a token would arrive as `undefined`; here it is an error at once. */
export function Injectable(): (target: Constructor) => void {
  return target => {
    const tokens = (Reflect.getOwnMetadata('injectionTokens', target) ?? {}) as Readonly<Record<string, unknown>>;
    for (let i = 0; i < target.length; i++) if (!(i in tokens)) throw parameterWithoutToken(target.name, i);
    injectable()(target as Buildable<unknown>);
  };
}

/** An empty container for one simulation. A child of the global one, which itself stays empty. */
export function createContainer(): Container {
  return container.createChildContainer();
}

/** One instance per container. A second module that provides the same token is an error. */
export function provide<T>(c: Container, t: Token<T>, recipe: Recipe<NoInfer<T>>): void {
  if (c.isRegistered(t)) throw alreadyProvided(nameOf(t));
  register(c, t, recipe);
}

/** Provides a token whether or not an earlier module did; the last one wins. */
export function replace<T>(c: Container, t: Token<T>, recipe: Recipe<NoInfer<T>>): void {
  register(c, t, recipe);
}

/** Adds one of several; `getAll` returns them in the order they were added. */
export function add<T>(c: Container, t: Token<T>, recipe: Recipe<NoInfer<T>>): void {
  register(c, t, recipe);
}

/** Whether some module gave a recipe for the token. */
export function isProvided<T>(c: Container, t: Token<T>): boolean {
  return c.isRegistered(t, true);
}

/** The instance of a token; when there are several, the last. */
export function get<T>(c: Container, t: Token<T>): T {
  if (!c.isRegistered(t, true)) throw notProvided(nameOf(t));
  return c.resolve(t);
}

/** All instances of a token in the order they were added; none is an empty list. */
export function getAll<T>(c: Container, t: Token<T>): T[] {
  return c.isRegistered(t, true) ? c.resolveAll(t) : [];
}

function register<T>(c: Container, t: Token<T>, recipe: Recipe<T>): void {
  if ('value' in recipe) {
    c.register(t, { useValue: recipe.value });
  } else if ('class' in recipe) {
    c.register(t, { useClass: recipe.class as Buildable<T> }, { lifecycle: Lifecycle.ContainerScoped });
  } else {
    // tsyringe gives factories no lifecycle, and its caching wrapper shares across containers: keep one result for each.
    const made = new WeakMap<Container, { readonly result: T }>();
    c.register(t, {
      useFactory: from => {
        let box = made.get(from);
        if (box === undefined) made.set(from, (box = { result: recipe.factory(from) }));
        return box.result;
      },
    });
  }
}

function nameOf(t: symbol): string {
  return t.description ?? 'a token without a name';
}
