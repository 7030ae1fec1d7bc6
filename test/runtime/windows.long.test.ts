/** One-sided communication in every world. */
import { windowRules } from "../support/window-rules.ts";
import { worlds } from "../support/worlds.ts";

describe.each(worlds)("on %s", (_world, options) => windowRules(options));
