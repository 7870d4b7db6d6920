export type {
  Address,
  AddressLike,
  AddressOf,
  AnyAddress,
  Inet4Address,
  Inet6Address,
  InetAddress,
  NetlinkAddress,
  OtherAddress,
  PacketAddress,
  UnixAddress,
  VsockAddress,
} from './common/addresses.ts';
export { CMSG_LEN, CMSG_SPACE } from './common/ancillary.ts';
export type { Data } from './common/arguments.ts';
export * from './common/constants.ts';
export type { AncillaryLike } from './core/ancillary-items.ts';
export { close, duplicateDescriptor as dup } from './core/descriptors.ts';
export type { ErrorCode } from './common/errno.ts';
export {
  BlockingIOError,
  BrokenPipeError,
  ChildProcessError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  gaierror,
  herror,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  OSError,
  OSError as error,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  TimeoutError as timeout,
  type ErrorDetails,
} from './common/errors.ts';
export { EOFError, IncompleteReadError, LimitOverrunError } from './common/read-errors.ts';
export type { SearchOptions, Separator } from './common/separators.ts';
export type { OptionValue } from './options/options.ts';
export { createConnection, type ConnectionOptions } from './connection.ts';
export { recvFds, sendFds } from './fds.ts';
export { createServer, fromfd, hasDualstackIpv6, socketpair, socketpairSync, type ServerOptions } from './server.ts';
export type { WritableData } from './core/memory.ts';
export type { Message } from './core/receive.ts';
export type { AncillaryItem } from './kernel/control.ts';
export type { Readable, SendableFile } from './files/sendable-file.ts';
export {
  Socket,
  Socket as SocketType,
  socket,
  type Connection,
  type DatagramSocket,
  type Listener,
  type ListenOptions,
  type SocketOf,
} from './socket.ts';
export type {
  BufferedPair,
  BufferedReader,
  BufferedWriter,
  FileOf,
  FileOptions,
  Newline,
  RawFile,
  TextFile,
} from './files/makefile.ts';
export { RawFile as SocketIO, UnsupportedOperation } from './files/makefile.ts';
export { getdefaulttimeout, setdefaulttimeout } from './common/timeouts.ts';
export type { WaitOptions } from './common/call-options.ts';
export { gethostbyaddr, gethostbyname, gethostbynameEx, getfqdn, gethostname, type HostEntry } from './names/hosts.ts';
export { sethostname } from './names/hostname.ts';
export { getnameinfo } from './names/nameinfo.ts';
export { getaddrinfo, type AddressInfo } from './names/resolver.ts';
export { getprotobyname, getservbyname, getservbyport } from './names/services.ts';
export { htonl, htons, inetAton, inetNtoa, inetNtop, inetPton, ntohl, ntohs } from './names/inet.ts';
export { ifIndextoname, ifNameindex, ifNametoindex } from './names/interfaces.ts';
export type { ConnectOptions } from './streams/connect-arguments.ts';
export type { DuplexAddress } from './streams/duplex-address.ts';
export type { KeepAliveOptions } from './streams/duplex-options.ts';
export type { SocketDuplex } from './streams/socket-duplex.ts';
export type { DuplexOptions } from './streams/to-duplex.ts';
export type { WebStreams } from './streams/web-streams.ts';
