import type { ResolveFnOutput, ResolveHook } from 'node:module';

/**
 * Loader hook: a plug-in lying anywhere (`npx proxysched run … --module ./my-class.js`, nothing installed) finds the
 * packages that the command line itself came with. What it has installed on its own comes first.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve): Promise<ResolveFnOutput> => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!specifier.startsWith('@proxysched/')) throw error;
    return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  }
};
