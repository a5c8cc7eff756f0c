import type { Task, WalkDetector } from '@proxysched/core';

/** Exact: each task that a walk reaches carries the number of that walk (`proxy-execution.md` 16.2b, "visit marks"). */
export class VisitMarks implements WalkDetector {
  private walk = 0;

  begin(pick: Task): void {
    pick.walkStamp = ++this.walk;
  }

  suspects(owner: Task): boolean {
    if (owner.walkStamp === this.walk) return true;
    owner.walkStamp = this.walk;
    return false;
  }
}
