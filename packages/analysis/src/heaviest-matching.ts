/**
 * The largest sum of entries of a table with at most one from each row and each column; entries are at least 0. Not exported from the
 * package.
 *
 * Rows are added one by one, each along the shortest augmenting path under potentials (the Hungarian method after E. Dinic and
 * J. Edmonds, R. Karp): with weights negated to costs, `u[r] + v[c] <= cost(r, c)` holds throughout, with equality where matched.
 * O(rows^2 * columns). Row and column 0 are the virtual start; a table with more rows than columns is laid on its side.
 */
export function heaviestMatching(table: readonly (readonly bigint[])[]): bigint {
  const rows = table.length;
  const columns = table[0]?.length ?? 0;
  if (rows > columns) return columns === 0 ? 0n : heaviestMatching(table[0]!.map((_, c) => table.map(row => row[c]!)));
  const u = new Array<bigint>(rows + 1).fill(0n);
  const v = new Array<bigint>(columns + 1).fill(0n);
  const rowOf = new Array<number>(columns + 1).fill(0);
  for (let r = 1; r <= rows; r++) augment(table, r, u, v, rowOf);
  return rowOf.reduce((sum, r, c) => (c > 0 && r > 0 ? sum + table[r - 1]![c - 1]! : sum), 0n);
}

/** Matches row `r` as well, along the path of least cost to a free column. */
function augment(table: readonly (readonly bigint[])[], r: number, u: bigint[], v: bigint[], rowOf: number[]): void {
  const columns = v.length - 1;
  const cameFrom = new Array<number>(columns + 1).fill(0);
  const distance = new Array<bigint | undefined>(columns + 1).fill(undefined);
  const done = new Array<boolean>(columns + 1).fill(false);
  rowOf[0] = r;
  let column = 0;
  while (rowOf[column] !== 0) {
    done[column] = true; // one more column each round
    const row = rowOf[column]!;
    let nearest = 0;
    for (let c = 1; c <= columns; c++) {
      if (done[c]) continue;
      const reduced = -table[row - 1]![c - 1]! - u[row]! - v[c]!;
      if (distance[c] === undefined || reduced < distance[c]!) {
        distance[c] = reduced;
        cameFrom[c] = column;
      }
      if (nearest === 0 || distance[c]! < distance[nearest]!) nearest = c;
    }
    const step = distance[nearest]!;
    for (let c = 0; c <= columns; c++) {
      if (done[c]) {
        u[rowOf[c]!]! += step;
        v[c]! -= step;
      } else distance[c]! -= step;
    }
    column = nearest;
  }
  for (; column !== 0; column = cameFrom[column]!) rowOf[column] = rowOf[cameFrom[column]!]!;
}
