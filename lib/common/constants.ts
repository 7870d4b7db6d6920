/**
 * Python's constants, with Linux's numeric values on every platform. Their meanings are in socket(7), ip(7), ipv6(7),
 * tcp(7), udp(7) and unix(7), and in Python's manual under
 * https://docs.python.org/3/library/socket.html#constants. A constant may exist although Node cannot honour it: see
 * docs/differences.md.
 */

export * from './family-constants.ts';
export * from './option-constants.ts';

// Address families.
/** Address family: either, where a call lets the resolver choose. */
export const AF_UNSPEC = 0;
/** Address family: sockets on this machine, by a path. */
export const AF_UNIX = 1;
/** Address family: IPv4. */
export const AF_INET = 2;
/** Address family: IPv6. */
export const AF_INET6 = 10;
/** Address family: messages with the kernel, such as about routes. */
export const AF_NETLINK = 16;
/** Address family: packets of an interface, below IP. */
export const AF_PACKET = 17;
/** Address family: between virtual machines and their host. */
export const AF_VSOCK = 40;

// Socket types, and the two flags that Linux lets a type carry.
/** Socket type: a stream of bytes over a connection, such as TCP. */
export const SOCK_STREAM = 1;
/** Socket type: datagrams, such as UDP. */
export const SOCK_DGRAM = 2;
/** Socket type: packets of a protocol below TCP and UDP. */
export const SOCK_RAW = 3;
/** Socket type: datagrams that are sure to arrive, in any order. */
export const SOCK_RDM = 4;
/** Socket type: a sequence of packets over a connection. */
export const SOCK_SEQPACKET = 5;
/** Flag of a socket type: the socket starts with a timeout of 0. */
export const SOCK_NONBLOCK = 2048;
/** Flag of a socket type: child processes do not inherit the socket. */
export const SOCK_CLOEXEC = 524288;

// For shutdown().
/** For shutdown(): nothing more is received. */
export const SHUT_RD = 0;
/** For shutdown(): nothing more is sent. */
export const SHUT_WR = 1;
/** For shutdown(): nothing more is received or sent. */
export const SHUT_RDWR = 2;

// Levels of socket options.
/** Level of socket options: IPv4. */
export const SOL_IP = 0;
/** Level of socket options: the socket itself, whatever its protocol. */
export const SOL_SOCKET = 1;
/** Level of socket options: TCP. */
export const SOL_TCP = 6;
/** Level of socket options: UDP. */
export const SOL_UDP = 17;

// Protocols.
/** Protocol: hop-by-hop options of IPv6. */
export const IPPROTO_HOPOPTS = 0;
/** Protocol: IPv4, also as a level of socket options; for `socket()`, whichever fits the type. */
export const IPPROTO_IP = 0;
/** Protocol: control messages of IPv4. */
export const IPPROTO_ICMP = 1;
/** Protocol: membership of multicast groups. */
export const IPPROTO_IGMP = 2;
/** Protocol: IPv4 inside IP. */
export const IPPROTO_IPIP = 4;
/** Protocol: TCP, also as a level of socket options. */
export const IPPROTO_TCP = 6;
/** Protocol: the exterior gateway protocol. */
export const IPPROTO_EGP = 8;
/** Protocol: the PARC universal packet. */
export const IPPROTO_PUP = 12;
/** Protocol: UDP, also as a level of socket options. */
export const IPPROTO_UDP = 17;
/** Protocol: datagrams of Xerox NS. */
export const IPPROTO_IDP = 22;
/** Protocol: class 4 of the ISO transport protocol. */
export const IPPROTO_TP = 29;
/** Protocol: IPv6, also as a level of socket options. */
export const IPPROTO_IPV6 = 41;
/** Protocol: the routing header of IPv6. */
export const IPPROTO_ROUTING = 43;
/** Protocol: the fragmentation header of IPv6. */
export const IPPROTO_FRAGMENT = 44;
/** Protocol: reservation of resources. */
export const IPPROTO_RSVP = 46;
/** Protocol: generic routing encapsulation. */
export const IPPROTO_GRE = 47;
/** Protocol: encrypted payload of IPsec. */
export const IPPROTO_ESP = 50;
/** Protocol: authentication header of IPsec. */
export const IPPROTO_AH = 51;
/** Protocol: control messages of IPv6. */
export const IPPROTO_ICMPV6 = 58;
/** Protocol: nothing follows in an IPv6 packet. */
export const IPPROTO_NONE = 59;
/** Protocol: options of IPv6 for the destination. */
export const IPPROTO_DSTOPTS = 60;
/** Protocol: routing of multicast, whatever routes the rest. */
export const IPPROTO_PIM = 103;
/** Protocol: SCTP, streams of messages. */
export const IPPROTO_SCTP = 132;
/** Protocol: UDP with a checksum over part of a datagram. */
export const IPPROTO_UDPLITE = 136;
/** Protocol: packets that bring their own IP header. */
export const IPPROTO_RAW = 255;
/** Protocol: TCP over several paths. */
export const IPPROTO_MPTCP = 262;

// Flags of send and recv.
/** Flag of send and recv: urgent data. */
export const MSG_OOB = 1;
/** Flag of recv: what is received stays in the queue. */
export const MSG_PEEK = 2;
/** Flag of send: only to networks that the machine is on. */
export const MSG_DONTROUTE = 4;
/** Flag that recvmsg() gives: ancillary data was cut off. */
export const MSG_CTRUNC = 8;
/** Flag that recvmsg() gives: the datagram was cut off. */
export const MSG_TRUNC = 32;
/** Flag of send and recv: this one call does not wait. */
export const MSG_DONTWAIT = 64;
/** Flag of send and recv: the end of a record. */
export const MSG_EOR = 128;
/** Flag of recv: waits until all bytes that were asked for have arrived, or the input ends. */
export const MSG_WAITALL = 256;
/** Flag of send: the peer has answered, so its link address need not be checked. */
export const MSG_CONFIRM = 2048;
/** Flag of recv: from the queue of errors. */
export const MSG_ERRQUEUE = 8192;
/** Flag of send: no SIGPIPE when the connection is broken. */
export const MSG_NOSIGNAL = 16384;
/** Flag of send: more follows, so a packet that is not full may wait. */
export const MSG_MORE = 32768;
/** Flag of send: connects, and sends with the first packet. */
export const MSG_FASTOPEN = 536870912;
/** Flag of recvmsg(): child processes do not inherit the file descriptors that it receives. */
export const MSG_CMSG_CLOEXEC = 1073741824;

// Flags of getaddrinfo().
/** Flag of getaddrinfo(): the address is for bind(); without a host it is the wildcard. */
export const AI_PASSIVE = 1;
/** Flag of getaddrinfo(): the first row has the host's canonical name. */
export const AI_CANONNAME = 2;
/** Flag of getaddrinfo(): the host must be numeric; nothing is looked up. */
export const AI_NUMERICHOST = 4;
/** Flag of getaddrinfo(): for AF_INET6, IPv4 addresses as `::ffff:1.2.3.4` where there are no others. */
export const AI_V4MAPPED = 8;
/** Flag of getaddrinfo(): with AI_V4MAPPED, addresses of IPv4 as well as of IPv6. */
export const AI_ALL = 16;
/** Flag of getaddrinfo(): only families that this machine has addresses of. */
export const AI_ADDRCONFIG = 32;
/** Flag of getaddrinfo(): the service must be a number. */
export const AI_NUMERICSERV = 1024;

// Errors of getaddrinfo().
/** Error of getaddrinfo(): flags that do not exist, or not together. */
export const EAI_BADFLAGS = -1;
/** Error of getaddrinfo(): the host or the service is not known. */
export const EAI_NONAME = -2;
/** Error of getaddrinfo(): the name server does not answer for now. */
export const EAI_AGAIN = -3;
/** Error of getaddrinfo(): the name server failed for good. */
export const EAI_FAIL = -4;
/** Error of getaddrinfo(): the host exists, but has no address. */
export const EAI_NODATA = -5;
/** Error of getaddrinfo(): the address family does not exist. */
export const EAI_FAMILY = -6;
/** Error of getaddrinfo(): the socket type does not exist, or not with this protocol. */
export const EAI_SOCKTYPE = -7;
/** Error of getaddrinfo(): the service is not known for this socket type. */
export const EAI_SERVICE = -8;
/** Error of getaddrinfo(): the host has no address in this family. */
export const EAI_ADDRFAMILY = -9;
/** Error of getaddrinfo(): out of memory. */
export const EAI_MEMORY = -10;
/** Error of getaddrinfo(): a call to the system failed. */
export const EAI_SYSTEM = -11;
/** Error of getnameinfo(): the name is too long. */
export const EAI_OVERFLOW = -12;

// Flags of getnameinfo().
/** Flag of getnameinfo(): the host as a number. */
export const NI_NUMERICHOST = 1;
/** Flag of getnameinfo(): the service as a number. */
export const NI_NUMERICSERV = 2;
/** Flag of getnameinfo(): hosts of this machine's own domain without the domain. */
export const NI_NOFQDN = 4;
/** Flag of getnameinfo(): a host without a name is an error. */
export const NI_NAMEREQD = 8;
/** Flag of getnameinfo(): the service is one of UDP, not of TCP. */
export const NI_DGRAM = 16;
/** The longest name of a service, in bytes. */
export const NI_MAXSERV = 32;
/** The longest name of a host, in bytes. */
export const NI_MAXHOST = 1025;

// Addresses and ports with a meaning, as numbers.
/** The IPv4 wildcard, 0.0.0.0. */
export const INADDR_ANY = 0;
/** Ports below this one are for privileged programs. */
export const IPPORT_RESERVED = 1024;
/** Ports from this one on are for servers of ordinary users. */
export const IPPORT_USERRESERVED = 5000;
/** The IPv4 loopback, 127.0.0.1. */
export const INADDR_LOOPBACK = 2130706433;
/** The first multicast address, 224.0.0.0. */
export const INADDR_UNSPEC_GROUP = 3758096384;
/** The multicast group of all hosts of a network, 224.0.0.1. */
export const INADDR_ALLHOSTS_GROUP = 3758096385;
/** The last multicast address that no router passes on, 224.0.0.255. */
export const INADDR_MAX_LOCAL_GROUP = 3758096639;
/** The IPv4 broadcast address, 255.255.255.255. */
export const INADDR_BROADCAST = 4294967295;
/** Stands for no IPv4 address: the same number as the broadcast address. */
export const INADDR_NONE = 4294967295;

// Numbers of errors; all others are in `os.constants.errno`, with the platform's values.
/** Number of an error: the descriptor does not exist, or the socket is closed. */
export const EBADF = 9;
/** Number of an error: the call would have to wait. */
export const EAGAIN = 11;
/** Number of an error: another name of EAGAIN. */
export const EWOULDBLOCK = 11;

/** The longest backlog that listen() takes. */
export const SOMAXCONN = 4096;

/** Whether this platform can use IPv6: always true, as Node is always built with it. */
export const has_ipv6 = true;
