// Imported before the library, which reads the environment once. Jest gives each file of specs an environment of its own.
process.env.AWAIT_SOCKET_FAST_PATH = 'off';
