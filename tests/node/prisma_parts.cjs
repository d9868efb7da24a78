// Required before Prisma's command line: the parts that package.json leaves out (studio, a local server) are empty.
const Module = require("node:module");

const load = Module._load;
Module._load = function (name, ...more) {
  return /^(?:@prisma\/(?:dev|studio-core)|mysql2)(?:\/|$)/.test(name) ? {} : load.call(this, name, ...more);
};
