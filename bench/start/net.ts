import net from 'node:net';

/** A program that connects to a port and exits; it prints the processor time that it has taken. */

const socket = net.connect(Number(process.argv[2]), '127.0.0.1', () => {
  socket.destroy();
  console.log(JSON.stringify(process.cpuUsage()));
});
