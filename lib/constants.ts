/**
 * Python's constants, with Linux's numeric values on every platform. What a constant means is in socket(7), ip(7), ipv6(7), tcp(7),
 * udp(7) and unix(7), and in Python's manual under https://docs.python.org/3/library/socket.html#constants. That a constant is
 * here does not say that Node can honour it: see docs/differences.md.
 */

// Address families.
/** Address family: either, where a call lets the resolver choose. */
export const AF_UNSPEC = 0;
/** Address family: sockets on this machine, by a path. */
export const AF_UNIX = 1;
/** Address family: IPv4. */
export const AF_INET = 2;
/** Address family: IPv6. */
export const AF_INET6 = 10;

// Socket types, and the two flags that Linux lets a type carry.
/** Socket type: a stream of bytes over a connection, such as TCP. */
export const SOCK_STREAM = 1;
/** Socket type: datagrams, such as UDP. */
export const SOCK_DGRAM = 2;
/** Socket type: packets of a protocol below TCP and UDP. */
export const SOCK_RAW = 3;
/** Socket type: datagrams that arrive for certain, in any order. */
export const SOCK_RDM = 4;
/** Socket type: a sequence of packets over a connection. */
export const SOCK_SEQPACKET = 5;
/** Flag of a socket type: the socket starts with a timeout of 0. */
export const SOCK_NONBLOCK = 2048;
/** Flag of a socket type: child processes do not inherit the socket. */
export const SOCK_CLOEXEC = 524288;

// What shutdown() discontinues.
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

// Options at SOL_SOCKET.
/** Socket option: the kernel records debugging information. */
export const SO_DEBUG = 1;
/** Socket option: a bind may reuse a port whose connections are in TIME_WAIT. */
export const SO_REUSEADDR = 2;
/** Socket option, to be read: the type of the socket. */
export const SO_TYPE = 3;
/** Socket option, to be read: the error that waits to be reported, which reading clears. */
export const SO_ERROR = 4;
/** Socket option: packets go only to networks that the machine is on. */
export const SO_DONTROUTE = 5;
/** Socket option: datagrams may be sent to a broadcast address. */
export const SO_BROADCAST = 6;
/** Socket option: bytes of the send buffer; Linux keeps twice what is set. */
export const SO_SNDBUF = 7;
/** Socket option: bytes of the receive buffer; Linux keeps twice what is set. */
export const SO_RCVBUF = 8;
/** Socket option: probes find out whether the peer of an idle connection is still there. */
export const SO_KEEPALIVE = 9;
/** Socket option: urgent data stays in the stream. */
export const SO_OOBINLINE = 10;
/** Socket option: the priority of packets in the queues of this machine. */
export const SO_PRIORITY = 12;
/** Socket option: what close() does about data that is not yet sent; a struct of two ints. */
export const SO_LINGER = 13;
/** Socket option: several sockets may be bound to one port, and share what comes in. */
export const SO_REUSEPORT = 15;
/** Socket option: Unix sockets receive the sender's credentials. */
export const SO_PASSCRED = 16;
/** Socket option, to be read: the credentials of a Unix socket's peer. */
export const SO_PEERCRED = 17;
/** Socket option: bytes that must be there before a receive returns. */
export const SO_RCVLOWAT = 18;
/** Socket option, to be read: bytes of space that must be there before a send begins; always 1. */
export const SO_SNDLOWAT = 19;
/** Socket option: how long the kernel lets a receive wait; a struct timeval. */
export const SO_RCVTIMEO = 20;
/** Socket option: how long the kernel lets a send wait; a struct timeval. */
export const SO_SNDTIMEO = 21;
/** Socket option: only packets of this interface, given by its name. */
export const SO_BINDTODEVICE = 25;
/** Socket option, to be read: whether the socket listens. */
export const SO_ACCEPTCONN = 30;
/** Socket option, to be read: the security label of a Unix socket's peer. */
export const SO_PEERSEC = 31;
/** Socket option: Unix sockets receive the sender's security label. */
export const SO_PASSSEC = 34;
/** Socket option: the mark on packets that firewalls and routes go by. */
export const SO_MARK = 36;
/** Socket option, to be read: the protocol of the socket. */
export const SO_PROTOCOL = 38;
/** Socket option, to be read: the address family of the socket. */
export const SO_DOMAIN = 39;
/** Socket option: the processor that handles what comes in. */
export const SO_INCOMING_CPU = 49;

// Options at IPPROTO_TCP.
/** TCP option: small writes go out at once, without Nagle's algorithm. */
export const TCP_NODELAY = 1;
/** TCP option: the largest segment, in bytes. */
export const TCP_MAXSEG = 2;
/** TCP option: segments that are not full wait until this is cleared. */
export const TCP_CORK = 3;
/** TCP option: seconds without traffic before the first keep-alive probe. */
export const TCP_KEEPIDLE = 4;
/** TCP option: seconds between keep-alive probes. */
export const TCP_KEEPINTVL = 5;
/** TCP option: keep-alive probes without an answer that end the connection. */
export const TCP_KEEPCNT = 6;
/** TCP option: how often a connect is tried again. */
export const TCP_SYNCNT = 7;
/** TCP option: seconds that a closed connection waits for the peer to close (FIN_WAIT2). */
export const TCP_LINGER2 = 8;
/** TCP option: seconds that a listener waits for data before it accepts. */
export const TCP_DEFER_ACCEPT = 9;
/** TCP option: the largest window to offer, in bytes. */
export const TCP_WINDOW_CLAMP = 10;
/** TCP option, to be read: the kernel's statistics of the connection; a struct. */
export const TCP_INFO = 11;
/** TCP option: acknowledgements go out at once. */
export const TCP_QUICKACK = 12;
/** TCP option: the algorithm against congestion, by its name. */
export const TCP_CONGESTION = 13;
/** TCP option: milliseconds that sent data may stay without acknowledgement. */
export const TCP_USER_TIMEOUT = 18;
/** TCP option: data may come with the first packet of a connection. */
export const TCP_FASTOPEN = 23;
/** TCP option: unsent bytes above which a socket does not count as writable. */
export const TCP_NOTSENT_LOWAT = 25;

// Options at IPPROTO_IP.
/** What IP_MULTICAST_LOOP is until it is set. */
export const IP_DEFAULT_MULTICAST_LOOP = 1;
/** What IP_MULTICAST_TTL is until it is set. */
export const IP_DEFAULT_MULTICAST_TTL = 1;
/** IPv4 option: the type of service in the header of packets. */
export const IP_TOS = 1;
/** IPv4 option: how many routers a packet may pass. */
export const IP_TTL = 2;
/** IPv4 option: raw packets bring their own header. */
export const IP_HDRINCL = 3;
/** IPv4 option: the options in the header of packets. */
export const IP_OPTIONS = 4;
/** IPv4 option: datagrams come with the options of their header. */
export const IP_RECVOPTS = 6;
/** IPv4 option: datagrams come with the options of their header, unprocessed. */
export const IP_RECVRETOPTS = 7;
/** IPv4 option: the options of the header, unprocessed. */
export const IP_RETOPTS = 7;
/** IPv4 option: datagrams come with their type of service. */
export const IP_RECVTOS = 13;
/** IPv4 option: the socket may be bound to addresses of other machines, as proxies need. */
export const IP_TRANSPARENT = 19;
/** How many multicast groups a socket may be in. */
export const IP_MAX_MEMBERSHIPS = 20;
/** IPv4 option: a bind to port 0 leaves the choice of a port to connect(). */
export const IP_BIND_ADDRESS_NO_PORT = 24;
/** IPv4 option: the interface that multicast goes out by. */
export const IP_MULTICAST_IF = 32;
/** IPv4 option: how many routers a multicast packet may pass. */
export const IP_MULTICAST_TTL = 33;
/** IPv4 option: this machine gets its own multicast too. */
export const IP_MULTICAST_LOOP = 34;
/** IPv4 option: joins a multicast group. */
export const IP_ADD_MEMBERSHIP = 35;
/** IPv4 option: leaves a multicast group. */
export const IP_DROP_MEMBERSHIP = 36;

// Options at IPPROTO_IPV6.
/** Type 0 of the routing header of IPv6. */
export const IPV6_RTHDR_TYPE_0 = 0;
/** IPv6 option: where the checksum stands in raw packets. */
export const IPV6_CHECKSUM = 7;
/** IPv6 option: the next router of packets. */
export const IPV6_NEXTHOP = 9;
/** IPv6 option: how many routers a packet may pass. */
export const IPV6_UNICAST_HOPS = 16;
/** IPv6 option: the interface that multicast goes out by, as its index. */
export const IPV6_MULTICAST_IF = 17;
/** IPv6 option: how many routers a multicast packet may pass. */
export const IPV6_MULTICAST_HOPS = 18;
/** IPv6 option: this machine gets its own multicast too. */
export const IPV6_MULTICAST_LOOP = 19;
/** IPv6 option: joins a multicast group. */
export const IPV6_JOIN_GROUP = 20;
/** IPv6 option: leaves a multicast group. */
export const IPV6_LEAVE_GROUP = 21;
/** IPv6 option: the socket takes IPv6 alone, not IPv4 by way of mapped addresses. */
export const IPV6_V6ONLY = 26;
/** IPv6 option: datagrams come with their destination and interface. */
export const IPV6_RECVPKTINFO = 49;
/** IPv6 option: the source address and interface of packets. */
export const IPV6_PKTINFO = 50;
/** IPv6 option: datagrams come with their hop limit. */
export const IPV6_RECVHOPLIMIT = 51;
/** IPv6 option: the hop limit of a packet. */
export const IPV6_HOPLIMIT = 52;
/** IPv6 option: datagrams come with their hop-by-hop options. */
export const IPV6_RECVHOPOPTS = 53;
/** IPv6 option: the hop-by-hop options of packets. */
export const IPV6_HOPOPTS = 54;
/** IPv6 option: the options for the destinations on the way. */
export const IPV6_RTHDRDSTOPTS = 55;
/** IPv6 option: datagrams come with their routing header. */
export const IPV6_RECVRTHDR = 56;
/** IPv6 option: the routing header of packets. */
export const IPV6_RTHDR = 57;
/** IPv6 option: datagrams come with their options for the destination. */
export const IPV6_RECVDSTOPTS = 58;
/** IPv6 option: the options for the destination. */
export const IPV6_DSTOPTS = 59;
/** IPv6 option: the socket is told when the largest packet of a path changes. */
export const IPV6_RECVPATHMTU = 60;
/** IPv6 option, to be read: the largest packet that the path takes. */
export const IPV6_PATHMTU = 61;
/** IPv6 option: packets are not split. */
export const IPV6_DONTFRAG = 62;
/** IPv6 option: datagrams come with their traffic class. */
export const IPV6_RECVTCLASS = 66;
/** IPv6 option: the traffic class in the header of packets. */
export const IPV6_TCLASS = 67;

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
/** Flag of recv: waits until all that was asked for is there, or the input ends. */
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
/** Flag of getaddrinfo(): with AI_V4MAPPED, those of IPv4 as well as those of IPv6. */
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
/** Error of getaddrinfo(): there is no such address family. */
export const EAI_FAMILY = -6;
/** Error of getaddrinfo(): there is no such socket type, or not with this protocol. */
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
/** What stands for no IPv4 address: the same number as the broadcast address. */
export const INADDR_NONE = 4294967295;

// Numbers of errors; those of all others are in `os.constants.errno`, with the platform's values.
/** Number of an error: there is no such descriptor, or the socket is closed. */
export const EBADF = 9;
/** Number of an error: the call would have to wait. */
export const EAGAIN = 11;
/** Number of an error: another name of EAGAIN. */
export const EWOULDBLOCK = 11;

/** The longest backlog that listen() takes. */
export const SOMAXCONN = 4096;

/** Whether this platform can use IPv6: always true, as Node is always built with it. */
export const has_ipv6 = true;
