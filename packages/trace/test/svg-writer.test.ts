import { clipToWidth, textWidth } from '../src/svg-writer.js';

test('a label that is too wide ends in one ellipsis and fits; one that fits stays as it is', () => {
  const label = 'indexer inside package-cache, for ui';
  expect(clipToWidth(label, 12, textWidth(label, 12))).toBe(label);
  for (let room = 40; room < textWidth(label, 12); room += 7) {
    const kept = clipToWidth(label, 12, room);
    expect(textWidth(kept, 12)).toBeLessThanOrEqual(room);
    expect(kept).toMatch(/^[^…]+…$/);
    expect(label.startsWith(kept.slice(0, -1))).toBe(true);
  }
});
