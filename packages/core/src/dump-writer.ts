/** Receives a dump, field by field, under the names of the code. */
export interface DumpWriter {
  section(title: string): void;
  field(name: string, value: string | number): void;
  row(cells: readonly (string | number)[]): void;
}
