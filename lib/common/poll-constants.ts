/** What poll(2) and epoll(7) report, with Linux's numbers on every platform. */

/** Bytes, a connection to accept, the end of the input or an error wait to be received. */
export const POLLIN = 0x1;
/** Urgent data: Node does not receive any. */
export const POLLPRI = 0x2;
/** Bytes can be sent, or a send would raise at once. */
export const POLLOUT = 0x4;
/** An error is pending; reported whether or not it was asked for. */
export const POLLERR = 0x8;
/** Both directions have ended; reported whether or not it was asked for. */
export const POLLHUP = 0x10;
/** The socket is closed; reported whether or not it was asked for. */
export const POLLNVAL = 0x20;
/** The same as POLLIN. */
export const POLLRDNORM = 0x40;
/** Priority data: never reported. */
export const POLLRDBAND = 0x80;
/** The same as POLLOUT. */
export const POLLWRNORM = 0x100;
/** Priority data may be sent: on Linux, Unix sockets and datagram sockets report it with POLLOUT. */
export const POLLWRBAND = 0x200;
/** Not used by Linux. */
export const POLLMSG = 0x400;
/** The peer has ended its output. */
export const POLLRDHUP = 0x2000;

/** As POLLIN, for an epoll object. */
export const EPOLLIN = POLLIN;
/** As POLLPRI, for an epoll object. */
export const EPOLLPRI = POLLPRI;
/** As POLLOUT, for an epoll object. */
export const EPOLLOUT = POLLOUT;
/** As POLLERR, for an epoll object. */
export const EPOLLERR = POLLERR;
/** As POLLHUP, for an epoll object. */
export const EPOLLHUP = POLLHUP;
/** As POLLRDNORM, for an epoll object. */
export const EPOLLRDNORM = POLLRDNORM;
/** As POLLRDBAND, for an epoll object. */
export const EPOLLRDBAND = POLLRDBAND;
/** As POLLWRNORM, for an epoll object. */
export const EPOLLWRNORM = POLLWRNORM;
/** As POLLWRBAND, for an epoll object. */
export const EPOLLWRBAND = POLLWRBAND;
/** As POLLMSG, for an epoll object. */
export const EPOLLMSG = POLLMSG;
/** As POLLRDHUP, for an epoll object. */
export const EPOLLRDHUP = POLLRDHUP;
/** Wakes one of several epoll objects: it has no effect here. */
export const EPOLLEXCLUSIVE = 0x1000_0000;
/** Reports a socket once, and then no more until `modify()`. */
export const EPOLLONESHOT = 0x4000_0000;
/** Reports a socket once each time that something new happens, not for as long as it is ready. */
export const EPOLLET = 0x8000_0000;
/** Accepted by `epoll()`, and without effect, as in Python. */
export const EPOLL_CLOEXEC = 0x8_0000;

/** How many bytes a pipe takes as one. */
export const PIPE_BUF = 4096;
