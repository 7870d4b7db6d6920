import * as socket from 'await-socket';
import check from './check.cjs';

const sock: socket.Socket = socket.socket();
sock.close();
await check(socket);
