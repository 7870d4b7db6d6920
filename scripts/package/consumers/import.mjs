import * as socket from 'await-socket';
import { OSError, Socket, socket as makeSocket } from 'await-socket';
import check from './check.cjs';

await check(socket);
const sock = makeSocket();
if (!(sock instanceof Socket) || OSError !== socket.error)
  throw new Error('the named exports differ from those of the namespace');
sock.close();
