/**
 * Python's constants for socket options, with Linux's numeric values on every platform: docs/options.md lists the
 * options that work. Their meanings are in socket(7), tcp(7), ip(7) and ipv6(7); of some, in Linux's headers only.
 */

// Options at SOL_SOCKET.
/** Socket option: the kernel records debugging information. */
export const SO_DEBUG = 1;
/** Socket option: a bind may reuse a port whose connections are in TIME_WAIT. */
export const SO_REUSEADDR = 2;
/** Socket option, to be read: the type of the socket. */
export const SO_TYPE = 3;
/** Socket option, to be read: the pending error, which reading clears. */
export const SO_ERROR = 4;
/** Socket option: packets go only to networks that the machine is on. */
export const SO_DONTROUTE = 5;
/** Socket option: datagrams may be sent to a broadcast address. */
export const SO_BROADCAST = 6;
/** Socket option: bytes of the send buffer; Linux keeps twice what is set. */
export const SO_SNDBUF = 7;
/** Socket option: bytes of the receive buffer; Linux keeps twice what is set. */
export const SO_RCVBUF = 8;
/** Socket option: probes find out whether the peer of an idle connection still answers. */
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
/** Socket option: bytes that must have arrived before a receive returns. */
export const SO_RCVLOWAT = 18;
/** Socket option, to be read: bytes of space that a send needs to begin; always 1. */
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
/** Socket option: only packets of this interface, given by its index. */
export const SO_BINDTOIFINDEX = 62;

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
/** TCP option: the key by which segments of a peer are signed (RFC 2385); a struct. */
export const TCP_MD5SIG = 14;
/** TCP option: a connection with little in flight is not slowed down by repeated losses. */
export const TCP_THIN_LINEAR_TIMEOUTS = 16;
/** TCP option: a connection with little in flight sends again after one duplicate acknowledgement. */
export const TCP_THIN_DUPACK = 17;
/** TCP option: milliseconds that sent data may stay without acknowledgement. */
export const TCP_USER_TIMEOUT = 18;
/** TCP option: the state of the connection is to be saved or restored. */
export const TCP_REPAIR = 19;
/** TCP option, in repair: which queue is meant. */
export const TCP_REPAIR_QUEUE = 20;
/** TCP option, in repair: the sequence number of the queue's end. */
export const TCP_QUEUE_SEQ = 21;
/** TCP option, in repair: what was agreed upon with the peer; structs. */
export const TCP_REPAIR_OPTIONS = 22;
/** TCP option: data may come with the first packet of a connection. */
export const TCP_FASTOPEN = 23;
/** TCP option: the clock that the peer learns, in milliseconds. */
export const TCP_TIMESTAMP = 24;
/** TCP option: unsent bytes above which a socket does not count as writable. */
export const TCP_NOTSENT_LOWAT = 25;
/** TCP option, to be read: the statistics of the algorithm against congestion; a struct. */
export const TCP_CC_INFO = 26;
/** TCP option: a listener keeps the first packets of its connections. */
export const TCP_SAVE_SYN = 27;
/** TCP option, to be read once: the headers of the first packet of an accepted connection. */
export const TCP_SAVED_SYN = 28;
/** TCP option, in repair: the windows; a struct. */
export const TCP_REPAIR_WINDOW = 29;
/** TCP option: connect() waits for the first data, to send it along. */
export const TCP_FASTOPEN_CONNECT = 30;
/** TCP option: the protocol that the kernel runs on top, by its name, such as `'tls'`. */
export const TCP_ULP = 31;
/** TCP option: a key as for TCP_MD5SIG, for a whole network; a struct. */
export const TCP_MD5SIG_EXT = 32;
/** TCP option: the key that a listener makes its cookies with. */
export const TCP_FASTOPEN_KEY = 33;
/** TCP option: data comes with the first packet even without a cookie. */
export const TCP_FASTOPEN_NO_COOKIE = 34;
/** TCP option: received pages are mapped and not copied; a struct. */
export const TCP_ZEROCOPY_RECEIVE = 35;
/** TCP option: receives come with the number of bytes that are left. */
export const TCP_INQ = 36;
/** TCP option: microseconds that each packet is held back. */
export const TCP_TX_DELAY = 37;

// Options at IPPROTO_IP.
/** The default of IP_MULTICAST_LOOP. */
export const IP_DEFAULT_MULTICAST_LOOP = 1;
/** The default of IP_MULTICAST_TTL. */
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
/** IPv4 option: datagrams come with their destination and interface. */
export const IP_PKTINFO = 8;
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
/** IPv4 option: hears a source of a multicast group again. */
export const IP_UNBLOCK_SOURCE = 37;
/** IPv4 option: does not hear a source of a multicast group. */
export const IP_BLOCK_SOURCE = 38;
/** IPv4 option: joins a multicast group for what comes from one source. */
export const IP_ADD_SOURCE_MEMBERSHIP = 39;
/** IPv4 option: leaves a multicast group for what comes from one source. */
export const IP_DROP_SOURCE_MEMBERSHIP = 40;

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
/** IPv6 option: the socket is notified when the largest packet of a path changes. */
export const IPV6_RECVPATHMTU = 60;
/** IPv6 option, to be read: the largest packet that the path takes. */
export const IPV6_PATHMTU = 61;
/** IPv6 option: packets are not split. */
export const IPV6_DONTFRAG = 62;
/** IPv6 option: datagrams come with their traffic class. */
export const IPV6_RECVTCLASS = 66;
/** IPv6 option: the traffic class in the header of packets. */
export const IPV6_TCLASS = 67;
