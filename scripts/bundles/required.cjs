const { read } = require("./read.js");

void read().then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));
