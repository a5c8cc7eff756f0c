import * as entry from '../src/index.js';

test('the package loads', () => {
  expect(entry).toBeDefined();
});
