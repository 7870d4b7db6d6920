import socket = require('await-socket');

declare function check(library: typeof socket): Promise<void>;

export = check;
