/** The fair class does not starve: the preset has the deferrable server of its kernel. */
import { fifo, nice, RecordingSink, run, scenarioOf } from '@proxysched/core/test-kit';
import { createSimulation } from '@proxysched/sim';
import { GENERATIONS, generationOptions, linux, type GenerationName } from '../src/index.js';

const MS = 1e6;

function hogs(generation: GenerationName): string[] {
  const sink = new RecordingSink();
  const tasks = { rt: { policy: fifo(50), ops: [run(1e12)] }, fair: { policy: nice(0), ops: [run(1e12)] } };
  const options = generationOptions(generation);
  createSimulation(scenarioOf({ tasks, options, until: 3200 * MS, machine: { hz: 1000 } }), linux(generation), [sink]).run();
  return sink.stretches('fair');
}

test.each(Object.keys(GENERATIONS) as GenerationName[])(
  'beside a FIFO hog the fair class gets 50 ms of each second, but for v4: %s',
  name => {
    const expected = ['0:950000000-1000000000', '0:1950000000-2000000000', '0:2950000000-3000000000'];
    expect(hogs(name)).toEqual(name.startsWith('v4') ? [] : expected);
  },
);
