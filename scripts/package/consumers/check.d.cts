import socket = require('await-socket');
import ssl = require('await-socket/ssl');

declare function check(library: typeof socket, tls: typeof ssl): Promise<void>;

export = check;
