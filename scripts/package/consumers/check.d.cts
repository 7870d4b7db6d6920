import socket = require('await-socket');
import serve = require('await-socket/serve');
import ssl = require('await-socket/ssl');

declare function check(library: typeof socket, tls: typeof ssl, servers: typeof serve): Promise<void>;

export = check;
