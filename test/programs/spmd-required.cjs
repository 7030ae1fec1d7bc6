// A CommonJS program of every rank.
const { world } = require("mpits/program");

console.log(`rank ${world.rank} of ${world.size}`);
