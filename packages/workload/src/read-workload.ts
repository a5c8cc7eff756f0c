import type { Nanos, Scenario } from '@proxysched/core';
import type { Compiled } from './compiled.js';
import type { Diagnostic } from './diagnostic.js';
import type { Expectation } from './expectation.js';
import * as errors from './errors.js';
import { MAX_TEXT } from './limits.js';
import { checkCpus, readSettings } from './overrides.js';
import { compileRecording } from './recording.js';
import { parseRelaxedJson } from './relaxed-json.js';
import { Report } from './report.js';
import { compileRtApp } from './rtapp.js';
import { OLD_KEYS } from './rtapp-grammar.js';
import type { SuspendDialect } from './rtapp-lint.js';
import { compileScenario } from './scenario-compiler.js';
import { Source, type Place } from './source.js';
import { headSpan, kindName, member, type Node, type ObjectNode } from './tree.js';
import { compileTaskSet } from './task-set.js';
import { TASK_SET_FORMAT } from './task-set-format.js';
import { parseYamlTree } from './yaml-tree.js';

export interface ReadOptions {
  /** The name to call the text by; nothing is concluded from it. */
  readonly file: string;
  readonly cpus?: number;
  readonly seed?: number;
  readonly until?: Nanos;
  /** rt-app, a repeated event: all of them, as `workgen` has it, or the last, as rt-app alone has it. */
  readonly duplicates?: 'all' | 'last';
  /** rt-app, `suspend`: which name a task suspends under. */
  readonly suspend?: SuspendDialect;
  /** Generations of proxy execution that there are, so that a misspelt one under `expect` is noticed; absent: any name is taken. */
  readonly generations?: readonly string[];
  /** `--set key=value`; wins over the text and over the options above. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export type WorkloadSource = 'scenario' | 'rt-app' | 'recording' | 'task set';

export type ReadResult =
  | {
      readonly ok: true;
      readonly scenario: Scenario;
      readonly source: WorkloadSource;
      /** Generation of proxy execution the text asks for. */
      readonly proxy?: string;
      /** Per task of the scenario, per operation: where the text says it. For errors that come up in a run. */
      readonly places: readonly (readonly Place[])[];
      /** What the text says must hold of its run. */
      readonly expectations: readonly Expectation[];
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads a workload of any kind: what it is, its content says. */
export function readWorkload(text: string, options: ReadOptions): ReadResult {
  const source = new Source(options.file, text);
  const report = new Report(source);
  const compiled = read(text, options, report);
  if (compiled === null || report.failed) return { ok: false, diagnostics: report.diagnostics() };
  const { places, expectations = [], ...rest } = compiled;
  return {
    ok: true,
    ...rest,
    expectations,
    places: places.map(task => task.map(span => source.place(span.offset))),
    diagnostics: report.diagnostics(),
  };
}

type Read = Compiled & { readonly source: WorkloadSource; readonly proxy?: string };

function read(text: string, options: ReadOptions, report: Report): Read | null {
  const unfit = unfitText(text);
  if (unfit !== null) {
    report.add(unfit, null);
    return null;
  }
  const settings = readSettings(options.overrides ?? {}, report);
  if (settings.cpus === undefined && options.cpus !== undefined) settings.cpus = options.cpus;
  if (settings.seed === undefined && options.seed !== undefined) settings.seed = options.seed;
  if (settings.until === undefined && options.until !== undefined) settings.until = options.until;
  checkCpus(settings, report);
  const root = parse(text, report);
  if (root === null) return null;
  const name = /([^/\\]*?)(\.[A-Za-z]+)?$/.exec(options.file)?.[1] || 'workload';
  const kind = kindOf(root, report);
  switch (kind) {
    case null:
      return null;
    case 'scenario':
      return tagged(kind, compileScenario(root as ObjectNode, name, settings, report, options.generations));
    case 'recording':
      return tagged(kind, compileRecording(root as ObjectNode, settings, report));
    case 'task set':
      return tagged(kind, compileTaskSet(root as ObjectNode, settings, report));
    case 'rt-app':
      return tagged(
        kind,
        compileRtApp(
          root as ObjectNode,
          { name, duplicates: options.duplicates ?? 'all', suspend: options.suspend ?? 'auto', settings },
          report,
        ),
        settings.proxy,
      );
  }
}

function tagged(source: WorkloadSource, compiled: (Compiled & { readonly proxy?: string }) | null, proxy?: string): Read | null {
  return compiled === null ? null : { ...compiled, source, ...(proxy === undefined ? {} : { proxy }) };
}

function unfitText(text: string): ReturnType<typeof errors.emptyText> | null {
  if (text.length > MAX_TEXT) return errors.textTooLarge(text.length, MAX_TEXT);
  if (text.includes('\0')) return errors.notText('NUL bytes');
  if (text.includes('\ufffd')) return errors.notText('bytes that are not UTF-8');
  if (!/[^\s\ufeff]/.test(text)) return errors.emptyText();
  return null;
}

/** A text that begins with a brace is tried as JSON; what is none, but has our `version`, may still be YAML in braces. */
function parse(text: string, report: Report): Node | null {
  const start = firstSign(text);
  if (text[start] !== '{' && text[start] !== '[') return notNull(parseYamlTree(text, report), report);
  const json = parseRelaxedJson(text);
  if (json.ok) return json.root;
  if (json.keys.includes('version') || /^\{\s*version\s*:/.test(text.slice(start, start + 200)))
    return notNull(parseYamlTree(text, report), report);
  report.add(json.problem, json.at);
  return null;
}

/** Past white space and comments of either language. */
function firstSign(text: string): number {
  const blank = /[\s\ufeff]*(?:\/\/|#|\/\*)?/y;
  for (let at = 0; ;) {
    blank.lastIndex = at;
    const run = blank.exec(text)?.[0] ?? '';
    at += run.length;
    if (!/[#/*]$/.test(run)) return at;
    const close = run.endsWith('*') ? '*/' : '\n';
    const end = text.indexOf(close, at);
    if (end < 0) return text.length;
    at = end + close.length;
  }
}

function notNull(root: Node | null, report: Report): Node | null {
  if (root?.kind !== 'null') return root;
  report.add(errors.emptyText(), null);
  return null;
}

function kindOf(root: Node, report: Report): WorkloadSource | null {
  if (root.kind !== 'object') {
    report.add(errors.unknownKind(`it is ${kindName(root)}`), headSpan(root));
    return null;
  }
  const has = (key: string): boolean => member(root, key) !== undefined;
  const format = member(root, 'format')?.value;
  if (format?.kind === 'string' && format.value === TASK_SET_FORMAT) return 'task set';
  const tasks = member(root, 'tasks')?.value.kind;
  const machine = member(root, 'machine')?.value;
  // A scenario says its version, a recording never does: with it, `events` is a word that went wrong.
  if (!has('version') && machine !== undefined && (has('events') || (has('duration_us') && member(machine, 'config') !== undefined)))
    return 'recording';
  if (has('version')) return 'scenario';
  if (tasks === 'object') return 'rt-app';
  if (tasks === 'array') return 'scenario';
  if (has('global') || has('resources')) {
    report.add(errors.fragment(['global', 'resources'].filter(has)), headSpan(root));
  } else if (
    OLD_KEYS.some(has) ||
    root.members.some(m => m.value.kind === 'object' && OLD_KEYS.some(key => member(m.value, key) !== undefined))
  ) {
    report.add(
      errors.oldGrammar(OLD_KEYS.filter(key => has(key) || root.members.some(m => member(m.value, key) !== undefined))),
      headSpan(root),
    );
  } else {
    const keys = root.members.slice(0, 5).map(m => errors.quote(m.key));
    report.add(errors.unknownKind(keys.length === 0 ? 'it is an empty object' : `at its top are ${keys.join(', ')}`), headSpan(root));
  }
  return null;
}
