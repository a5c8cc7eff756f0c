/** Numbers for names, in order of first mention. */
export class NameTable {
  private readonly index = new Map<string, number>();

  get(name: string): number {
    let id = this.index.get(name);
    if (id === undefined) {
      id = this.index.size;
      this.index.set(name, id);
    }
    return id;
  }

  has(name: string): boolean {
    return this.index.has(name);
  }

  get names(): string[] {
    return [...this.index.keys()];
  }
}
