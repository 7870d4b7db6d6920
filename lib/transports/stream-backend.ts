import { libuvBackend } from './libuv-backend.ts';
import { netBackend } from './net-stream.ts';
import type { StreamBackend } from './stream-handle.ts';
import { mayUseFastPath } from './support.ts';

/**
 * The backend of this process: the fast one, if this Node has it and the environment does not say
 * `AWAIT_SOCKET_FAST_PATH=off`.
 */
export const streamBackend: StreamBackend = (mayUseFastPath ? libuvBackend : undefined) ?? netBackend;
