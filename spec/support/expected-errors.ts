/** Python's errors, for `toMatchObject` and `expect.objectContaining`. */
export const EBADF = { name: 'OSError', errno: 9, code: 'EBADF', strerror: 'Bad file descriptor' };
export const EAGAIN = { name: 'BlockingIOError', errno: 11, code: 'EAGAIN' };
export const EINVAL = { name: 'OSError', errno: 22, code: 'EINVAL' };
export const EPIPE = { name: 'BrokenPipeError', errno: 32, code: 'EPIPE' };
export const ENOPROTOOPT = { name: 'OSError', errno: 92, code: 'ENOPROTOOPT' };
export const ENOTSUP = { name: 'OSError', errno: 95, code: 'ENOTSUP' };
export const EADDRINUSE = { name: 'OSError', errno: 98, code: 'EADDRINUSE' };
export const ECONNRESET = { name: 'ConnectionResetError', errno: 104, code: 'ECONNRESET' };
export const EISCONN = { name: 'OSError', errno: 106, code: 'EISCONN' };
export const ENOTCONN = { name: 'OSError', errno: 107, code: 'ENOTCONN' };
export const ECONNREFUSED = { name: 'ConnectionRefusedError', errno: 111, code: 'ECONNREFUSED' };
export const EALREADY = { name: 'BlockingIOError', errno: 114, code: 'EALREADY' };
export const EINPROGRESS = { name: 'BlockingIOError', errno: 115, code: 'EINPROGRESS' };
export const TIMED_OUT = { name: 'TimeoutError', errno: null, code: 'ETIMEDOUT', strerror: 'timed out' };
export const EAI_NONAME = { name: 'gaierror', errno: -2, code: 'EAI_NONAME' };
export const EAI_ADDRFAMILY = { name: 'gaierror', errno: -9, code: 'EAI_ADDRFAMILY' };
