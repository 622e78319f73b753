// Keeps libnabla.a a library while the runtime is headers only.
