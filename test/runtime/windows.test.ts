/** One-sided communication, between threads of one process and across host processes. */
import { windowRules } from "../support/window-rules.ts";
import { someWorlds } from "../support/worlds.ts";

describe.each(someWorlds)("on %s", (_world, options) => windowRules(options));
