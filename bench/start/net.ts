/** A program that connects to a port and exits; it prints the processor time that it has taken. */

async function main(port: number): Promise<void> {
  // As the package is loaded in the other program: Node's loader of ES modules takes time of its own.
  const { default: net } = await import('node:net');
  const socket = net.connect(port, '127.0.0.1', () => {
    socket.destroy();
    console.log(JSON.stringify(process.cpuUsage()));
  });
}

void main(Number(process.argv[2]));
