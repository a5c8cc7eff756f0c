/** Numbers for names, in order of first mention. */
export class NameTable {
  private readonly index = new Map<string, number>();
  private readonly list: string[] = [];

  get(name: string): number {
    let id = this.index.get(name);
    if (id === undefined) {
      id = this.list.push(name) - 1;
      this.index.set(name, id);
    }
    return id;
  }

  has(name: string): boolean {
    return this.index.has(name);
  }

  /** By number. */
  get names(): readonly string[] {
    return this.list;
  }
}
