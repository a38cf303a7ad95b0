/** The official runtime has no types. */
declare module 'scratch-vm' {
  const VirtualMachine: any;
  export default VirtualMachine;
}

/** What the official runtime logs with. */
declare module 'minilog' {
  const minilog: { disable(): void };
  export default minilog;
}
