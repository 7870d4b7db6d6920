import * as socket from 'await-socket';
import * as serve from 'await-socket/serve';
import * as ssl from 'await-socket/ssl';
import check from './check.cjs';

const sock: socket.Socket = socket.socket();
sock.close();
await check(socket, ssl, serve);
