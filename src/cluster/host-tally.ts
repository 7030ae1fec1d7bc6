/**
 * What each host of a job was given, and what it says it has done. Who was told that nothing more comes says so by itself when its
 * ranks are idle; a job whose partials are all there then needs no further way to the hosts and back to end.
 */

interface Row {
  assignments: number;
  /** Whether it has shared values of the job. */
  holdsBlocks: boolean;
  /** Whether it was told that nothing more comes, as far as is known. */
  closed: boolean;
  /** How many assignments it had done when it last said that it is idle. */
  done: number | undefined;
  /** Of how many assignments all partials are here. */
  returned: number;
  /** Whether it was asked to be heard of until its job ends. */
  attends: boolean;
}

export class HostTally {
  readonly #rows = new Map<string, Row>();

  /** An assignment goes to the host. */
  given(host: string, withBlocks: boolean): void {
    const row = this.#row(host);
    row.assignments += 1;
    row.holdsBlocks ||= withBlocks;
  }

  /** True when the host is yet to be told that nothing more comes; it counts as told from then on. */
  close(host: string): boolean {
    const row = this.#row(host);
    if (row.closed) return false;
    row.closed = true;
    return true;
  }

  /** The host says that it is idle. It may not have heard of what was sent to it meanwhile. */
  saidIdle(host: string, assignments: number): void {
    this.#row(host).done = assignments;
  }

  /** The last partials of an assignment are here. */
  returned(host: string): void {
    this.#row(host).returned += 1;
  }

  /** True when the host ends its part of the job by itself. */
  isClosed(host: string): boolean {
    const row = this.#rows.get(host);
    return row?.closed === true && !row.attends;
  }

  /** True when the host is idle, and all that it was given is done and here. */
  hasGivenAll(host: string): boolean {
    const row = this.#rows.get(host);
    return row?.closed === true && row.done === row.assignments && row.returned === row.assignments;
  }

  /** True when the host has also ended its part of the job. */
  isThrough(host: string): boolean {
    return this.hasGivenAll(host) && this.isClosed(host);
  }

  /**
   * True when the host is idle and what it has done is not here yet: its word goes by a lane of its own, past them. Idle, it is silent, and
   * has to be asked to be heard of; from then on its part of the job is ended by us.
   */
  attend(host: string): boolean {
    const row = this.#rows.get(host);
    if (!row?.closed || row.done !== row.assignments || row.returned === row.assignments) return false;
    row.attends = true;
    return true;
  }

  holdsBlocks(host: string): boolean {
    return this.#rows.get(host)?.holdsBlocks === true;
  }

  #row(host: string): Row {
    let row = this.#rows.get(host);
    if (!row) {
      row = { assignments: 0, holdsBlocks: false, closed: false, done: undefined, returned: 0, attends: false };
      this.#rows.set(host, row);
    }
    return row;
  }
}
