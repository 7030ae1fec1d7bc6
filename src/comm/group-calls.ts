/**
 * How communicators are made from communicators: copies, splits, groups. MPI 4.1 chapter 7. What a new one is made of, `Communicator`
 * knows.
 */
import { expected, UsageError } from "../errors.ts";
import { gathered, toldByFirst } from "./agreement.ts";
import { startCollective } from "./collective.ts";
import { CollectiveCalls } from "./collective-calls.ts";
import type { CollectiveOptions } from "./collective-options.ts";
import { barrier } from "./collectives/barrier.ts";
import type { Communicator } from "./communicator.ts";
import { type Comparison, Group } from "./group.ts";
import type { Request } from "./request.ts";
import { splitByColour } from "./split.ts";
import { contextOf, placeOf } from "./station.ts";

/** How two communicators relate: the same one; the same ranks in the same order; in another order; or neither. MPI_Comm_compare. */
export type CommComparison = "identical" | "congruent" | "similar" | "unequal";

/** Makes a communicator of these ranks of the job. */
export type Make<Made> = (context: number, members: readonly number[]) => Made;

/** The making of communicators from a communicator. */
export abstract class GroupCalls extends CollectiveCalls {
  #group: Group | undefined;

  /** Its ranks, as ranks of the job. MPI_Comm_group. */
  get group(): Group {
    this.#group ??= new Group(this.members);
    return this.#group;
  }

  /** MPI_Comm_compare. */
  compare(other: GroupCalls): CommComparison {
    if (other.context === this.context && other.messenger === this.messenger) return "identical";
    const groups: Comparison = this.group.compare(other.group);
    return groups === "identical" ? "congruent" : groups;
  }

  /** A communicator of the same ranks, whose messages never meet those of this one. MPI_Comm_dup. */
  dup(options?: CollectiveOptions): Promise<this> {
    return this.idup().wait(options);
  }
  dupSync(options?: CollectiveOptions): this {
    return this.idup().waitSync(options);
  }
  idup(): Request<this> {
    return this.start("dup", toldByFirst(this.place, this.station), (context) => this.copied(context) as this);
  }

  /**
   * Ranks of the same colour come together in a new communicator, ordered by key and then by their rank here. MPI_Comm_split.
   *
   * @param colour a whole number of 0 or more; undefined (MPI_UNDEFINED): this rank is in none
   * @param key default 0
   * @returns undefined on a rank without a colour
   */
  split(colour?: number, key = 0, options?: CollectiveOptions): Promise<Communicator | undefined> {
    return this.isplit(colour, key).wait(options);
  }
  splitSync(colour?: number, key = 0, options?: CollectiveOptions): Communicator | undefined {
    return this.isplit(colour, key).waitSync(options);
  }
  isplit(colour?: number, key = 0): Request<Communicator | undefined> {
    return this.splitInto("split", colour, key, (context, members) => this.other(context, members));
  }

  /** The ranks that share memory with this one. MPI_Comm_split_type with MPI_COMM_TYPE_SHARED. */
  splitShared(key = 0, options?: CollectiveOptions): Promise<Communicator> {
    return this.isplitShared(key).wait(options);
  }
  splitSharedSync(key = 0, options?: CollectiveOptions): Communicator {
    return this.isplitShared(key).waitSync(options);
  }
  isplitShared(key = 0): Request<Communicator> {
    return this.splitInto("splitShared", this.place.hosts[this.rank], key, (context, members) =>
      this.other(context, members),
    ) as Request<Communicator>;
  }

  /**
   * A communicator of a group of ranks of this one; all ranks call it, each with the group that it shall be in. MPI_Comm_create.
   * @returns undefined on a rank that is not in its group
   */
  create(group: Group, options?: CollectiveOptions): Promise<Communicator | undefined> {
    return this.icreate(group).wait(options);
  }
  createSync(group: Group, options?: CollectiveOptions): Communicator | undefined {
    return this.icreate(group).waitSync(options);
  }
  icreate(group: Group): Request<Communicator | undefined> {
    this.#checkGroup(group);
    return this.makeOf("create", group.members, (context, members) => this.other(context, members));
  }

  /**
   * The same, called by the members of the group only. MPI_Comm_create_group.
   * @param tag keeps groups apart that are made at the same time and have ranks in common; default 0
   */
  createGroup(group: Group, tag = 0, options?: CollectiveOptions): Promise<Communicator> {
    return this.icreateGroup(group, tag).wait(options);
  }
  createGroupSync(group: Group, tag = 0, options?: CollectiveOptions): Communicator {
    return this.icreateGroup(group, tag).waitSync(options);
  }
  icreateGroup(group: Group, tag = 0): Request<Communicator> {
    this.checkUsable();
    this.#checkGroup(group);
    this.checkTag(tag);
    const { members } = group;
    if (!members.includes(this.station.rank))
      throw new UsageError("createGroup is called by the members of its group; this rank is none.");
    const channel = { context: this.context + contextOf.groups, call: tag, tag, members };
    const algorithm = toldByFirst(placeOf(this.station, members), this.station);
    return startCollective("createGroup", this.messenger, channel, algorithm, (context) =>
      this.other(context, members),
    );
  }

  /**
   * All ranks are done with this communicator; nothing can be sent or received with it afterwards. MPI_Comm_free.
   * @throws UsageError when this rank still has receives waiting in it
   */
  free(options?: CollectiveOptions): Promise<void> {
    return this.#startFree().wait(options);
  }
  freeSync(options?: CollectiveOptions): void {
    this.#startFree().waitSync(options);
  }

  #startFree(): Request<void> {
    const waiting = this.messenger.waitingIn(this.context);
    if (waiting !== undefined)
      throw new UsageError(`this communicator can't be freed: ${waiting} still waits; cancel it or wait for it first.`);
    const request = this.start("free", barrier(this.place), () => this.messenger.forget(this.context));
    this.close();
    return request;
  }

  /** A communicator of the same kind in another context. */
  protected abstract copied(context: number): GroupCalls;

  /** A communicator of these ranks of the job. */
  protected abstract other(context: number, members: readonly number[]): Communicator;

  /** New communicators by colour; all ranks call it. */
  protected splitInto<Made>(
    name: string,
    colour: number | undefined,
    key: number,
    make: Make<Made>,
  ): Request<Made | undefined> {
    splitByColour([{ colour, key }]); // refuses what is none before anybody waits
    const asked = { colour, key, context: this.station.contexts.take() };
    return this.start(name, gathered(this.place, asked), (all) => {
      const part = splitByColour(all).find((each) => each.colour === colour);
      if (part === undefined) return undefined;
      const members = part.members.map((rank) => this.members[rank]!);
      return make(all[part.members[0]!]!.context, members);
    });
  }

  /** A new communicator of some members; all ranks call it. Undefined on those who are none. */
  protected makeOf<Made>(name: string, members: readonly number[], make: Make<Made>): Request<Made | undefined> {
    return this.start(name, toldByFirst(this.place, this.station), (context) =>
      members.includes(this.station.rank) ? make(context, members) : undefined,
    );
  }

  #checkGroup(group: Group): void {
    if (!(group instanceof Group)) throw expected("group", "a Group", group);
    const stranger = group.members.find((member) => !this.members.includes(member));
    if (stranger !== undefined)
      throw new UsageError(`rank ${stranger} of the job is in the group and not in this communicator.`);
  }
}
