import * as entry from '../src/index.js';

test('the package has its sinks and folds', () => {
  expect(Object.keys(entry)).toEqual(
    expect.arrayContaining([
      'BusSink',
      'ColumnSink',
      'DigestSink',
      'TextSink',
      'computeMetrics',
      'exportPerfetto',
      'renderGantt',
      'runJson',
    ]),
  );
});
